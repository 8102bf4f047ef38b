import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deleteName, diffNames, emptyNameMap, getName, hashName, type NameMap, setName, valuesOf } from "./name-map.js";

interface Thing {
  readonly name: string;
  readonly value: number;
}

/** Two pairs of names with the same 32-bit hash. */
const colliding = ["cluster-1l43jhh-18421", "cluster-wbjj0u-34926", "cluster-11dload-51909", "cluster-q8lhzk-75600"];
/** Few names, so that they meet. */
const names = fc.oneof(fc.constantFrom("a", "b", "c", ...colliding), fc.string({ maxLength: 3 }));
const steps = fc.array(
  fc.oneof(
    fc.record({ set: names, value: fc.nat(3) }),
    fc.record({ delete: names }),
    // A new owner: what follows must not change what was.
    fc.constant("edit" as const),
  ),
  { size: "max", maxLength: 60 },
);

type Steps = typeof steps extends fc.Arbitrary<infer T> ? T : never;

function run(map: NameMap<Thing>, model: Map<string, number>, actions: Steps): NameMap<Thing> {
  let owner = {};
  for (const action of actions) {
    if (action === "edit") owner = {};
    else if ("set" in action) {
      map = setName(map, { name: action.set, value: action.value }, owner);
      model.set(action.set, action.value);
    } else {
      map = deleteName(map, action.delete, owner);
      model.delete(action.delete);
    }
  }
  return map;
}

const contents = (map: NameMap<Thing>) => new Map([...valuesOf(map.root)].map(({ name, value }) => [name, value]));

describe("a name map", () => {
  test("is tested with names whose hashes are equal", () => {
    expect(hashName(colliding[0]!)).toBe(hashName(colliding[1]!));
    expect(hashName(colliding[2]!)).toBe(hashName(colliding[3]!));
  });

  test("behaves as a plain map, and earlier states stay as they were", () => {
    fc.assert(
      fc.property(steps, steps, (first, second) => {
        const model = new Map<string, number>();
        const before = run(emptyNameMap<Thing>(), model, first);
        const then = new Map(model);
        const after = run(before, model, second);
        expect(contents(before)).toEqual(then);
        expect(contents(after)).toEqual(model);
        expect(after.size).toBe(model.size);
        for (const [name, value] of model) expect(getName(after, name)).toEqual({ name, value });
      }),
    );
  });

  test("has a shape that depends on its content alone, so that histories do not show", () => {
    fc.assert(
      fc.property(steps, fc.array(names), (actions, extra) => {
        const model = new Map<string, number>();
        const map = run(emptyNameMap<Thing>(), model, actions);
        let detour = map;
        for (const name of extra) if (!model.has(name)) detour = setName(detour, { name, value: 9 }, {});
        for (const name of extra) if (!model.has(name)) detour = deleteName(detour, name, {});
        expect([...contents(detour).keys()].sort()).toEqual([...contents(map).keys()].sort());
        expect(shape(detour.root)).toEqual(shape(map.root));
      }),
    );
  });

  test("reports exactly what differs between two maps", () => {
    fc.assert(
      fc.property(steps, steps, fc.boolean(), (first, second, shared) => {
        const x = new Map<string, number>();
        const a = run(emptyNameMap<Thing>(), x, first);
        const y = shared ? new Map(x) : new Map<string, number>();
        const b = run(shared ? a : emptyNameMap<Thing>(), y, second);
        const seen = new Map(x);
        diffNames(a, b, (p, q) => p.value === q.value, {
          changed(after, before) {
            expect(before?.value).toBe(x.get(after.name));
            expect(after.value).not.toBe(before?.value);
            seen.set(after.name, after.value);
          },
          removed(before) {
            expect(y.has(before.name)).toBe(false);
            seen.delete(before.name);
          },
        });
        expect(seen).toEqual(y);
      }),
    );
  });
});

/** The nodes of a map as nested arrays, with collisions in the order of their names. */
function shape(slot: unknown): unknown {
  if (typeof slot === "object" && slot !== null && "slots" in slot) return (slot.slots as unknown[]).map(shape);
  if (typeof slot === "object" && slot !== null && "values" in slot) {
    return { together: (slot.values as Thing[]).map(({ name }) => name).sort() };
  }
  return (slot as Thing).name;
}
