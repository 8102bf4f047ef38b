import { createStore, type Scope, type Snapshot, scoped } from "@rxds/core";
import fc from "fast-check";
import { merge, ReplaySubject, Subject } from "rxjs";
import { describe, expect, test } from "vitest";
import { histories } from "../spec-support/histories.js";
import type { History } from "../spec-support/history.js";
import { createMemoryWorld } from "../spec-support/memory-world.js";
import { play } from "../spec-support/play.js";

/** Plays a history against a server of its own, in memory. */
async function replay(history: History): Promise<void> {
  const good$ = new ReplaySubject<Snapshot>(1);
  const bad$ = new Subject<Snapshot>();
  const snapshot$ = merge(good$, bad$);
  const store = createStore();
  const scopes = { x: new ReplaySubject<Scope>(1), y: new ReplaySubject<Scope>(1) };
  const base = history.base === "store" ? store : snapshot$;
  const source = (key: string) => (key === "x" || key === "y" ? scoped(base, scopes[key]) : base);
  using world = createMemoryWorld(source, history.lookMs);
  await play(history, world, {
    publish: (snapshot) => (history.base === "store" ? void store.replace(snapshot) : good$.next(snapshot)),
    publishInvalid: (snapshot) => (history.base === "store" ? void store.replace(snapshot) : bad$.next(snapshot)),
    scope: (key, scope) => scopes[key as "x" | "y"].next(scope),
  });
  world.close();
}

const runs = Number(process.env.RUNS ?? (process.env.RXDS_LONG ? 20_000 : 300));

describe("any history", () => {
  test("leaves each client with exactly what it asked for of the last good snapshot", {
    timeout: 600_000,
  }, async () => {
    await fc.assert(fc.asyncProperty(histories(40), replay), { numRuns: runs, endOnFailure: false });
    expect(runs).toBeGreaterThan(0);
  });
});
