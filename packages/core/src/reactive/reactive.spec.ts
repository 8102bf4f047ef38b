import fc from "fast-check";
import { type Observable, Subject } from "rxjs";
import { describe, expect, test } from "vitest";
import { edsCluster, endpoints } from "../builders/index.js";
import { createSnapshot, type Snapshot } from "../snapshot/snapshot.js";
import { typeUrls } from "../types/type-urls.js";
import { combine } from "./combine.js";
import { keyed } from "./keyed.js";

interface Service {
  readonly name: string;
  readonly port: number;
}

const build = ({ name, port }: Service) => [edsCluster({ name }), endpoints(name, [`127.0.0.1:${port}`])];

function collect(source$: Observable<Snapshot>): Snapshot[] {
  const seen: Snapshot[] = [];
  source$.subscribe((snapshot) => seen.push(snapshot));
  return seen;
}

describe("keyed", () => {
  test("builds a thing when it appears, and again only when it changed", () => {
    const source = new Subject<Service[]>();
    let built = 0;
    const seen = collect(
      keyed(
        source,
        ({ name }) => name,
        (service) => {
          built++;
          return build(service);
        },
      ),
    );
    const a = { name: "a", port: 1 };
    const b = { name: "b", port: 2 };
    source.next([a, b]);
    source.next([b, a]);
    expect(built).toBe(2);
    expect(seen[1]).toBe(seen[0]);
    source.next([a, { ...b, port: 3 }]);
    expect(built).toBe(3);
    expect(seen[2]?.get(typeUrls.cluster, "b")?.version).toBe(seen[0]?.get(typeUrls.cluster, "b")?.version);
    source.next([a]);
    expect([...seen[3]!.list()].map(({ name }) => name)).toEqual(["a", "a"]);
  });

  test("is, for any lists, the snapshot of what they build", () => {
    const service = fc.record({ name: fc.constantFrom("a", "b", "c", "d"), port: fc.integer({ min: 1, max: 3 }) });
    const lists = fc.array(fc.array(service, { maxLength: 5 }), { size: "max", maxLength: 12 });
    fc.assert(
      fc.property(lists, (all) => {
        const source = new Subject<Service[]>();
        const equal = (x: Service, y: Service) => x.port === y.port;
        // Two things with different keys may build the same names: keys are made of the place too.
        const seen = collect(keyed(source, ({ name }) => name, build, { equal }));
        for (const list of all) source.next(list);
        all.forEach((list, i) => {
          const plain = createSnapshot(list.flatMap(build));
          const keys = (snapshot: Snapshot) => snapshot.duplicates.map(({ type, name }) => `${type} ${name}`).sort();
          expect(keys(seen[i]!)).toEqual(keys(plain));
          if (plain.duplicates.length === 0) expect(seen[i]?.version).toBe(plain.version);
        });
      }),
    );
  });
});

describe("combine", () => {
  test("is silent until every part has emitted, then joins them", () => {
    const eds = new Subject<Snapshot>();
    const rest = new Subject<Snapshot>();
    const seen = collect(combine({ eds, rest }));
    eds.next(createSnapshot([endpoints("a", ["127.0.0.1:1"])]));
    expect(seen).toEqual([]);
    rest.next(createSnapshot([edsCluster({ name: "a" })]));
    expect(seen[0]?.size).toBe(2);
    eds.next(createSnapshot([endpoints("a", ["127.0.0.1:2"])]));
    expect(seen[1]?.get(typeUrls.endpoints, "a")?.version).not.toBe(seen[0]?.get(typeUrls.endpoints, "a")?.version);
  });

  test("is, for any parts, their union, with what two of them have as duplicates", () => {
    const part = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"));
    const steps = fc.array(fc.record({ which: fc.nat(1), names: part }), { size: "max", minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(steps, (all) => {
        const sources = [new Subject<Snapshot>(), new Subject<Snapshot>()];
        const seen = collect(combine({ x: sources[0]!, y: sources[1]! }));
        const now: string[][] = [[], []];
        const snapshotOf = (names: readonly string[]) => createSnapshot(names.map((name) => edsCluster({ name })));
        for (const source of sources) source.next(snapshotOf([]));
        for (const { which, names } of all) {
          now[which] = names;
          sources[which]!.next(snapshotOf(names));
          const last = seen.at(-1)!;
          expect(new Set([...last.list()].map(({ name }) => name))).toEqual(new Set(now.flat()));
          const both = now[0]!.filter((name) => now[1]!.includes(name));
          expect(last.duplicates.map(({ name }) => name).sort()).toEqual(both.sort());
        }
      }),
    );
  });
});
