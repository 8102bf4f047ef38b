import { type RedirectSink, redirectSink } from "@rxds/ebpf";
import type { RedirectEntry, RedirectPlan } from "@rxds/mesh";
import type { ConnectManyResult, LabAgent } from "@rxds/testkit";
import { BehaviorSubject, filter, firstValueFrom, map } from "rxjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { envoyCgroup } from "../mesh/lab/proxies.js";
import { COLOURS, VIPS } from "./support/documents.js";
import { type RedAndBlue, redAndBlue } from "./support/red-and-blue.js";

const SWAPS = 1000;
/** The Envoys of both nodes: either may be led to. */
const PROXIES = ["10.244.1.1", "10.244.2.1"] as const;

let of: RedAndBlue;
let client: LabAgent;
beforeAll(async () => {
  of = await redAndBlue({ redirect: "none", bpf: true });
  client = await of.agent("client");
});
afterAll(() => of?.[Symbol.asyncDispose]());

const entry = (address: string, service: string, to: string): RedirectEntry => ({
  address,
  port: 81,
  protocol: "tcp",
  service: `default/${service}`,
  to: { address: to, port: 15_001 },
  listeners: [],
});

/** The n-th plan: the services that are called move between proxies, and others come and go. */
function planOf(n: number): RedirectPlan {
  const called = COLOURS.map((name, i) => entry(VIPS[name][0], name, PROXIES[(n >> i) & 1]!));
  const others = Array.from({ length: 20 + (n % 17) }, (_, i) =>
    entry(`10.96.1.${(i * 7 + n) % 250}`, `other-${i}`, PROXIES[0]),
  );
  const networkNamespace = `/run/netns/${of.world.pods.get("default/client")!.netns}`;
  const workloads = [{ name: "default/client", addresses: [], networkNamespace }];
  return { node: "n1", generation: `g${n}`, groups: [{ proxy: "any", workloads, entries: [...called, ...others] }] };
}

async function swapping(inPlace: number, swaps: number) {
  const { lab, nodes, places } = of.world;
  const plan$ = new BehaviorSubject(planOf(0));
  const sink: RedirectSink = await redirectSink({
    plan$,
    pins: `${lab.bpffs}/swaps`,
    cgroup: lab.cgroup,
    proxyCgroups: [...nodes.values()].map(envoyCgroup),
    hostNetworkNamespace: `/run/netns/${places.nodes.get("n1")!.netns}`,
    inPlace,
  });
  const failures: unknown[] = [];
  sink.failures$.subscribe((failure) => failures.push(failure));
  const inForce = (n: number) =>
    firstValueFrom(
      sink.applied$.pipe(
        filter(({ generation }) => generation === `g${n}`),
        map(({ table }) => table),
      ),
    );
  await inForce(0);
  let swapped = false;
  const connect = async (name: (typeof COLOURS)[number]) => {
    const results: ConnectManyResult[] = [];
    while (!swapped) {
      results.push(
        await client.connectMany({
          to: { address: VIPS[name][0], port: 81 },
          count: 200,
          concurrency: 4,
          expect: [name],
        }),
      );
    }
    return results;
  };
  const connecting = COLOURS.map(connect);
  const how = new Map<string, number>();
  try {
    for (let n = 1; n <= swaps; n++) {
      plan$.next(planOf(n));
      const table = await inForce(n);
      how.set(table, (how.get(table) ?? 0) + 1);
    }
  } finally {
    swapped = true;
  }
  const results = (await Promise.all(connecting)).flat();
  await sink.close();
  expect(failures).toEqual([]);
  return { how, results };
}

test(`${SWAPS} generations swapped under constant connections: none is lost, none goes astray`, async () => {
  const { how, results } = await swapping(0, SWAPS);
  expect([...how]).toEqual([["generation", SWAPS]]);
  expect(results.filter(({ failed }) => failed > 0)).toEqual([]);
  expect(results.reduce((sum, { ok }) => sum + ok, 0)).toBeGreaterThan(SWAPS);
}, 120_000);

test("as many changes in place: likewise", async () => {
  const { how, results } = await swapping(4096, SWAPS);
  expect([...how]).toEqual([["in-place", SWAPS]]);
  expect(results.filter(({ failed }) => failed > 0)).toEqual([]);
}, 120_000);
