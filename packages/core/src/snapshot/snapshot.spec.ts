import { create } from "@bufbuild/protobuf";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import { beforeAll, describe, expect, test } from "vitest";
import { edsCluster, endpoints } from "../builders/index.js";
import { createOpaqueResource, createResource } from "../resource/create-resource.js";
import { typeUrls } from "../types/type-urls.js";
import { costs } from "./costs.js";
import { diff } from "./diff.js";
import { createSnapshot, edit, type Snapshot } from "./snapshot.js";

const cluster = (name: string, timeout = 1000) => edsCluster({ name, connectTimeoutMs: timeout });

describe("a snapshot", () => {
  test("holds messages by type and name", () => {
    const snapshot = createSnapshot([cluster("a"), endpoints("a", ["127.0.0.1:80"])]);
    expect(snapshot.size).toBe(2);
    expect(snapshot.get(typeUrls.cluster, "a")?.name).toBe("a");
    expect(snapshot.get(typeUrls.endpoints, "a")?.type).toBe(typeUrls.endpoints);
    expect(snapshot.get(typeUrls.cluster, "b")).toBeUndefined();
    expect([...snapshot.list(typeUrls.cluster)].map(({ name }) => name)).toEqual(["a"]);
    expect([...snapshot.typeUrls].sort()).toEqual([typeUrls.cluster, typeUrls.endpoints].sort());
  });

  test("keeps what a message was when it was put in", () => {
    const message = cluster("a");
    const snapshot = createSnapshot([message]);
    const version = snapshot.get(typeUrls.cluster, "a")?.version;
    message.altStatName = "changed later";
    expect(snapshot.get(typeUrls.cluster, "a")?.version).toBe(version);
    expect(createSnapshot([message]).get(typeUrls.cluster, "a")?.version).not.toBe(version);
  });

  test("has a version that depends on its content, not on its history", () => {
    const one = createSnapshot([cluster("a"), cluster("b")]);
    const other = edit(createSnapshot([cluster("x"), cluster("b", 5), cluster("a")]), (draft) => {
      draft.delete(typeUrls.cluster, "x");
      draft.set(cluster("b"));
    });
    expect(other.version).toBe(one.version);
    expect(edit(one, (draft) => draft.set(cluster("b", 7))).version).not.toBe(one.version);
    expect(createSnapshot([]).version).not.toBe("");
  });

  test("is not equal to one whose equal contents have other names", () => {
    const any = { typeUrl: "type.googleapis.com/example.Opaque", value: new Uint8Array([1]) };
    const other = { ...any, value: new Uint8Array([2]) };
    const one = createSnapshot([createOpaqueResource(any, "a"), createOpaqueResource(other, "b")]);
    const two = createSnapshot([createOpaqueResource(any, "b"), createOpaqueResource(other, "a")]);
    expect(two.version).not.toBe(one.version);
  });

  test("remembers names that were given twice, until they are set by hand", () => {
    const twice = createSnapshot([cluster("a"), cluster("a", 7), cluster("b")]);
    expect(twice.duplicates).toEqual([{ type: typeUrls.cluster, name: "a" }]);
    expect(edit(twice, (draft) => draft.set(cluster("b", 3))).duplicates).toHaveLength(1);
    expect(edit(twice, (draft) => draft.set(cluster("a"))).duplicates).toHaveLength(0);
  });

  test("is the same object after an edit that changes nothing", () => {
    const snapshot = createSnapshot([cluster("a")]);
    const resource = snapshot.get(typeUrls.cluster, "a")!;
    expect(edit(snapshot, () => {})).toBe(snapshot);
    expect(edit(snapshot, (draft) => draft.set(resource))).toBe(snapshot);
    expect(edit(snapshot, (draft) => void draft.delete(typeUrls.cluster, "b"))).toBe(snapshot);
  });

  test("stays as it is when an edit throws", () => {
    const snapshot = createSnapshot([cluster("a")]);
    const failing = () =>
      edit(snapshot, (draft) => {
        draft.delete(typeUrls.cluster, "a");
        throw new Error("no");
      });
    expect(failing).toThrow("no");
    expect(snapshot.get(typeUrls.cluster, "a")).toBeDefined();
  });

  test("does not take a message of an unknown type", () => {
    const message = { $typeName: "example.Nothing" as const };
    expect(() => createSnapshot([message])).toThrow(/example\.Nothing is not a registered resource type/);
  });
});

describe("a diff", () => {
  test("says what leads from one snapshot to another", () => {
    const before = createSnapshot([cluster("a"), cluster("b"), cluster("c")]);
    const after = createSnapshot([cluster("b"), cluster("c", 9), cluster("d")]);
    const { upserts, removals } = diff(before, after);
    expect(upserts.map(({ name }) => name).sort()).toEqual(["c", "d"]);
    expect(removals).toEqual([{ type: typeUrls.cluster, name: "a" }]);
    expect(diff(undefined, after).upserts).toHaveLength(3);
    expect(diff(after, createSnapshot([cluster("d"), cluster("c", 9), cluster("b")]))).toEqual({
      upserts: [],
      removals: [],
    });
  });

  test("sees a changed ttl and changed aliases, which the version does not tell", () => {
    const message = create(ClusterSchema, { name: "a" });
    const plain = createSnapshot([createResource(message)]);
    const lasting = createSnapshot([createResource(message, { ttl: 1000 })]);
    const known = createSnapshot([createResource(message, { aliases: ["b"] })]);
    expect(diff(plain, lasting).upserts).toHaveLength(1);
    expect(diff(plain, known).upserts).toHaveLength(1);
    expect(lasting.version).not.toBe(plain.version);
    expect(known.version).not.toBe(plain.version);
  });
});

describe("at 100,000 resources", () => {
  let big: Snapshot;
  beforeAll(() => {
    const secrets = Array.from({ length: 100_000 }, (_, i) => create(SecretSchema, { name: `secret-${i}` }));
    big = createSnapshot(secrets);
  }, 60_000);

  test("an edit of one copies at most 200 entries", () => {
    for (let i = 0; i < 200; i++) {
      const resource = create(SecretSchema, { name: `secret-${i * 487}`, type: { case: "genericSecret", value: {} } });
      const start = costs.copied;
      const after = edit(big, (draft) => draft.set(resource));
      expect(costs.copied - start).toBeLessThanOrEqual(200);
      expect(costs.copied - start).toBeGreaterThan(0);
      expect(after.size).toBe(100_000);
    }
  });

  test("so do adding one and removing one", () => {
    for (let i = 0; i < 200; i++) {
      const start = costs.copied;
      const more = edit(big, (draft) => draft.set(create(SecretSchema, { name: `more-${i}` })));
      expect(costs.copied - start).toBeLessThanOrEqual(200);
      const middle = costs.copied;
      edit(more, (draft) => void draft.delete(typeUrls.secret, `secret-${i}`));
      expect(costs.copied - middle).toBeLessThanOrEqual(200);
    }
  });

  test("a diff after an edit of one visits at most 200 entries, and one of ten at most 2,000", () => {
    for (const changed of [1, 10]) {
      const after = edit(big, (draft) => {
        for (let i = 0; i < changed; i++) {
          draft.set(create(SecretSchema, { name: `secret-${i * 9871}`, type: { case: "genericSecret", value: {} } }));
        }
      });
      const start = costs.visited;
      expect(diff(big, after).upserts).toHaveLength(changed);
      expect(costs.visited - start).toBeLessThanOrEqual(200 * changed);
      expect(costs.visited - start).toBeGreaterThan(0);
    }
  });

  test("a diff of a snapshot with itself visits nothing", () => {
    const start = costs.visited;
    expect(diff(big, big)).toEqual({ upserts: [], removals: [] });
    expect(costs.visited).toBe(start);
  });
});
