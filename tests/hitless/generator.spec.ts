import fc from "fast-check";
import { check, createSnapshot } from "rxds";
import { expect, test } from "vitest";
import { authority } from "../core/certificates.js";
import type { Mode } from "../envoy/lab.js";
import { answersOf, routedByAll } from "./answers.js";
import { KINDS, transitions } from "./generator.js";
import { seeded } from "./random.js";
import { resourcesOf } from "./resources.js";
import type { Transition } from "./transition.js";
import { firstWorld, routesOf, type World } from "./world.js";

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const [plain, tls] = [names("plain-", 60), names("tls-", 30)];

/** So many transitions, each from where the one before led. */
async function walk(seed: number, count: number, mode: Mode = "delta"): Promise<Transition[]> {
  const next = transitions(seeded(seed), KINDS, mode);
  const walked: Transition[] = [];
  let world = firstWorld(plain, tls);
  for (let i = 0; i < count; i++) {
    const transition = (await next(world))!;
    walked.push(transition);
    world = transition.steps.at(-1)!.world;
  }
  return walked;
}

const worldsOf = (walked: readonly Transition[]): World[] =>
  walked.flatMap(({ steps }) => steps.map(({ world }) => world));

test("the same seed makes the same transitions, another seed others", async () => {
  const worlds = async (seed: number) => JSON.stringify(worldsOf(await walk(seed, 64)));
  expect(await worlds(1)).toBe(await worlds(1));
  expect(await worlds(1)).not.toBe(await worlds(2));
});

test("every kind makes up at least one twentieth", async () => {
  const walked = await walk(1, 200);
  const rare = KINDS.filter((kind) => walked.filter((transition) => transition.kind === kind).length < 200 / 20);
  expect(rare).toEqual([]);
});

test("every world has its clusters, and no backend serves two of them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      for (const { clusters, free, freeTls } of worldsOf(await walk(seed, 48))) {
        const backends = [...clusters.flatMap((cluster) => cluster.backends), ...free, ...freeTls];
        expect(backends.sort()).toEqual([...plain, ...tls].sort());
      }
    }),
  );
});

test.each(["delta", "sotw"] as const)("there is always a next transition, and room for it (%s)", async (mode) => {
  // With the seed 11 no route could be removed for a restart that was not a listener's own.
  for (const seed of [1, 2, 11]) expect(await walk(seed, 1000, mode)).toHaveLength(1000);
});

test("every transition leaves most of the load where it is", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      let before = answersOf(firstWorld(plain, tls));
      for (const { kind, steps } of await walk(seed, 48)) {
        const all = steps.map(({ world, routedBy = world }) => answersOf(routedBy));
        const routed = routedByAll([before, ...all]);
        // What goes with a second listener is all that it has.
        if (kind !== "second listener") expect(routed.length, kind).toBeGreaterThanOrEqual(before.routes.size - 2);
        expect(routed.length, kind).toBeGreaterThan(3);
        before = all.at(-1)!;
      }
    }),
  );
});

test("every snapshot but those that lack endpoints or hold what Envoy rejects is without a problem", async () => {
  const ca = await authority();
  const around = {
    ports: new Map<string, number>(),
    addresses: Object.fromEntries([...plain, ...tls].map((name) => [name, "127.0.0.1:9"])),
    delayMs: 50,
    accessLog: "/dev/null",
    ca: ca.cert,
    certificates: [await ca.issue("client")],
  };
  for (const world of worldsOf((await walk(3, 160)).filter(({ kind }) => kind !== "rejection"))) {
    expect(check(createSnapshot(resourcesOf(world, around)))).toEqual([]);
    const known = new Set(world.clusters.map(({ name }) => name));
    expect(
      routesOf(world)
        .flatMap(({ weights }) => Object.keys(weights))
        .filter((name) => !known.has(name)),
    ).toEqual([]);
  }
});
