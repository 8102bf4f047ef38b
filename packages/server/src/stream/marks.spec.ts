import { create } from "@bufbuild/protobuf";
import { createStore, typeUrls } from "@rxds/core";
import { NodeSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { describe, expect, test } from "vitest";
import { StoreIndex } from "../fanout/store-index.js";
import { Marks } from "./marks.js";
import type { XdsStream } from "./stream.js";
import { Subscription } from "./subscription.js";

const CDS = typeUrls.cluster;
const RDS = typeUrls.routes;

const index = new StoreIndex(
  createStore(),
  () => {},
  () => {},
);

const doubting = (...names: readonly string[]) => new Map(names.map((name) => [name, undefined]));

type Open = Readonly<Record<string, readonly string[]>>;

/** A stream of a client that has rejected those names, by type. */
function streamOf(id: string, open: Open = {}, over: Partial<XdsStream> = {}): XdsStream {
  const stream = {
    protocol: "delta",
    node: create(NodeSchema, { id }),
    view: { key: "", index, members: () => undefined, ready: true },
    subscriptions: new Map(),
    ...over,
  } as XdsStream;
  for (const [type, names] of Object.entries(open)) {
    const table = index.table(type);
    const subscription = new Subscription(stream, table, table.all);
    subscription.doubtful = new Map(names.map((name) => [name, 1]));
    stream.subscriptions.set(type, subscription);
  }
  return stream;
}

/** A client comes and goes. */
function pass(marks: Marks, id: string, open?: Open, over?: Partial<XdsStream>): void {
  const stream = streamOf(id, open, over);
  marks.began(stream);
  marks.ended(stream);
}

describe("what is not known of clients that are gone", () => {
  test("is nothing for those who have accepted all", () => {
    const marks = new Marks();
    pass(marks, "n1", { [CDS]: [] });
    expect(marks.size).toBe(0);
    expect(marks.take(streamOf("n1"), CDS)).toBeUndefined();
  });

  test("is kept by type until the client speaks of it", () => {
    const marks = new Marks();
    pass(marks, "n1", { [CDS]: ["a"], [RDS]: ["r"] });
    expect(marks.take(streamOf("n2"), CDS)).toBeUndefined();
    expect(marks.take(streamOf("n1"), CDS)).toEqual(doubting("a"));
    expect(marks.take(streamOf("n1"), CDS)).toBeUndefined();
    // A stream on which the client did not come to the other type.
    pass(marks, "n1", { [CDS]: ["b"] });
    expect(marks.take(streamOf("n1"), RDS)).toEqual(doubting("r"));
    expect(marks.take(streamOf("n1"), CDS)).toEqual(doubting("b"));
    expect(marks.size).toBe(0);
  });

  test("is kept apart by view, by node and by service, and not at all in state of the world", () => {
    const marks = new Marks();
    pass(marks, "n1", { [CDS]: ["a"] }, { protocol: "sotw" });
    expect(marks.size).toBe(0);
    pass(marks, "n1", { [CDS]: ["a"] });
    pass(marks, "n1", { [CDS]: ["b"] }, { typeUrl: CDS });
    pass(marks, "n1", { [CDS]: ["c"] }, { view: { key: "x", index, members: () => undefined, ready: true } });
    expect(marks.size).toBe(3);
    expect(marks.take(streamOf("n1"), CDS)).toEqual(doubting("a"));
  });

  test("is everything when there are too many names of a client", () => {
    const marks = new Marks(10, 3);
    pass(marks, "n1", { [CDS]: ["a", "b"], [RDS]: ["r", "s"] });
    expect(marks.take(streamOf("n1"), CDS)).toEqual(doubting("a", "b"));
    expect(marks.take(streamOf("n1"), RDS)).toBe("all");
  });

  test("is forgotten of those who were not there for the longest time", () => {
    const marks = new Marks(2);
    for (const id of ["n1", "n2", "n1", "n3"]) pass(marks, id, { [CDS]: [id] });
    expect(marks.size).toBe(2);
    expect(marks.take(streamOf("n2"), CDS)).toBeUndefined();
    expect(marks.take(streamOf("n1"), CDS)).toEqual(doubting("n1"));
  });

  test("is told by the newest stream of a client alone", () => {
    const marks = new Marks();
    const [old, young] = [streamOf("n1", { [CDS]: ["a"] }), streamOf("n1", {})];
    marks.began(old);
    marks.began(young);
    expect(marks.take(young, CDS)).toEqual(doubting("a"));
    marks.ended(old);
    marks.ended(young);
    expect(marks.size).toBe(0);
  });

  test("is of all clusters when their commits are those of another store", () => {
    const marks = new Marks();
    const stream = streamOf("n1", { [CDS]: ["a"] });
    stream.subscriptions.get(CDS)!.cursor = 7;
    marks.began(stream);
    marks.ended(stream);
    expect(marks.awaited(streamOf("n1"))).toEqual({ doubts: doubting("a"), seq: 7 });
    const other = new StoreIndex(
      createStore(),
      () => {},
      () => {},
    );
    const view = { key: "", index: other, members: () => undefined, ready: true };
    expect(marks.awaited(streamOf("n1", {}, { view }))).toMatchObject({ seq: 0 });
  });
});
