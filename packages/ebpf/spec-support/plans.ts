import type { RedirectEntry, RedirectGroup, RedirectPlan } from "@rxds/mesh";
import fc from "fast-check";
import type { OpenMachine } from "../src/kernel/memory/memory-kernel.js";

/** An entry of a plan: `tcp 10.96.0.1:80 -> 10.0.0.1:15001`. */
export function entry(
  address: string,
  port: number,
  to: string,
  { protocol = "tcp", service = `default/s${address.split(/[.:]/).at(-1)}`, listeners }: Partial<RedirectEntry> = {},
): RedirectEntry {
  const cut = to.lastIndexOf(":");
  return {
    address,
    port,
    protocol,
    service,
    to: { address: to.slice(0, cut).replace(/[[\]]/g, ""), port: Number(to.slice(cut + 1)) },
    listeners: listeners ?? [`${protocol}/${address}:${port}`],
  };
}

/** A group: its proxy, the names of its workloads, and its entries. */
export function group(proxy: string, workloads: readonly string[], entries: readonly RedirectEntry[]): RedirectGroup {
  return {
    proxy,
    workloads: workloads.map((name) => ({
      name: `default/${name}`,
      addresses: ["10.1.0.1"],
      networkNamespace: `/run/netns/${name}`,
    })),
    entries,
  };
}

let generations = 0;

/** A plan, of a generation of its own. */
export function plan(...groups: RedirectGroup[]): RedirectPlan {
  generations++;
  return { node: "n1", generation: `g${generations}`, groups };
}

/** Gives the machine a network namespace for a name; its cookie. */
export function addNetns(
  machine: OpenMachine,
  name: string,
  cookie = BigInt(100 + machine.networkNamespaces.size),
): bigint {
  machine.networkNamespaces.set(`/run/netns/${name}`, cookie);
  return cookie;
}

/** The names of workloads in plans of `anyPlan`. */
export const WORKLOADS = ["a", "b", "c"];

const PROXIES = ["node~n1", "sidecar~default/a", "sidecar~default/b"];

const anyEntry = fc
  .record({
    host: fc.integer({ min: 1, max: 4 }),
    v6: fc.boolean(),
    port: fc.constantFrom(80, 53),
    protocol: fc.constantFrom("tcp" as const, "udp" as const),
    to: fc.constantFrom(15_001, 15_101, 15_102),
    service: fc.constantFrom("default/x", "default/y", "default/z"),
  })
  .map(({ host, v6, port, protocol, to, service }) =>
    v6
      ? entry(`fd00:96::${host}`, port, `[fd00::1]:${to}`, { protocol, service })
      : entry(`10.96.0.${host}`, port, `10.0.0.1:${to}`, { protocol, service }),
  );

/** Any plan of three workloads, each with some proxy or none. */
export const anyPlan: fc.Arbitrary<RedirectPlan> = fc
  .record({
    of: fc.tuple(...WORKLOADS.map(() => fc.option(fc.constantFrom(...PROXIES), { nil: undefined }))),
    entries: fc.tuple(...PROXIES.map(() => fc.uniqueArray(anyEntry, { maxLength: 6, selector: keyOf }))),
  })
  .map(({ of, entries }) =>
    plan(
      ...PROXIES.flatMap((proxy, i) => {
        const workloads = WORKLOADS.filter((_, n) => of[n] === proxy);
        return workloads.length === 0 ? [] : [group(proxy, workloads, entries[i] ?? [])];
      }),
    ),
  );

/** What a caller dials, as text. */
export function keyOf({ protocol, address, port }: Pick<RedirectEntry, "protocol" | "address" | "port">): string {
  return `${protocol} ${address} ${port}`;
}

/** Where a plan sends each workload for each destination. */
export function routesOf({ groups }: RedirectPlan): Map<string, Map<string, string>> {
  return new Map(
    groups.flatMap(({ workloads, entries }) =>
      workloads.map(({ name }) => [
        name.replace("default/", ""),
        new Map(entries.map((e) => [keyOf(e), `${e.to.address} ${e.to.port} ${e.service}`])),
      ]),
    ),
  );
}
