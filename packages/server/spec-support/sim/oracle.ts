import type { Snapshot } from "@rxds/core";
import { typeUrls } from "@rxds/core";
import type { Way } from "./facts.js";
import type { SimEnvoy } from "./sim-envoy.js";
import type { SimListener } from "./sim-listeners.js";
import { simResource } from "./sim-messages.js";

/** How requests behave. */
export interface OracleOptions {
  /** How long a request may be under way between its route and its cluster, in ms. Default: 4000. */
  readonly airMs?: number;
  /** How long connections may wait at an address until somebody accepts, in ms. Default: 1000. */
  readonly stallMs?: number;
  /**
   * How long an address has to be in the configuration before it is taken for served, in ms: a client that hears of one
   * configuration after the other may be behind. Default: 0.
   */
  readonly settleMs?: number;
  /** Whether listeners are excused that wait for routes, or have none. Default: never. */
  readonly excused?: () => boolean;
}

/** Says what would lose a request. */
export interface Oracle {
  /** What was lost so far, in words; empty is what is wanted. */
  readonly violations: readonly string[];
  /** Tells of a configuration: of its clusters, and that addresses are to be served that it has and so had the last one. */
  configure(snapshot: Snapshot): void;
  /** Looks at the Envoy: at each change, and after time has passed. */
  look(): void;
}

/** An oracle that has seen nothing; call `look` from the Envoy's `changed`. */
export function createOracle(envoy: SimEnvoy, options: OracleOptions = {}): Oracle {
  const { airMs = 4000, stallMs = 1000, settleMs = 0, excused = () => false } = options;
  const violations: string[] = [];
  /** Clusters that are or were configured: others live in the bootstrap. */
  const clusters = new Set<string>();
  /** For each listener that has connections: its ways when they were looked at last, and when requests to clusters arrive at the latest. */
  const under = new Map<number, { ways: readonly Way[]; readonly until: Map<string, number> }>();
  /** Since when each address is in the configuration. */
  let addresses: ReadonlyMap<string, number> | undefined;
  let promised: readonly string[] = [];
  /** Addresses that were served, with the time since when connections wait. */
  const stalls = new Map<string, number>();

  const lookAtClusters = () => {
    const { now } = envoy.timeline;
    const { serving } = envoy.listeners;
    const ids = new Set(serving.map(({ id }) => id));
    // What is under way ends with the connections of its listener.
    for (const id of under.keys()) if (!ids.has(id)) under.delete(id);
    for (const listener of serving) {
      const { ways: before, until } = under.get(listener.id) ?? { ways: [], until: new Map<string, number>() };
      const ways = waysOf(envoy, listener);
      under.set(listener.id, { ways, until });
      // The ways of before were taken up to this moment.
      for (const { cluster, retryMs } of [...before, ...ways]) {
        until.set(cluster, Math.max(until.get(cluster) ?? 0, now + airMs + retryMs));
      }
      const led = new Set(ways.map(({ cluster }) => cluster));
      for (const [cluster, end] of until) {
        if (end <= now && !led.has(cluster)) until.delete(cluster);
        else if (clusters.has(cluster) && envoy.clusters.active.get(cluster)?.usable !== true) {
          const why = envoy.clusters.active.has(cluster) ? "is not ready" : "is not there";
          violations.push(`${now} ms: ${listener.name} leads requests to ${cluster}, which ${why}`);
        }
      }
    }
  };

  const lookAtAddresses = () => {
    const { now } = envoy.timeline;
    for (const address of promised) {
      const state = envoy.listeners.at(address);
      if (state === "accepts") stalls.set(address, Number.POSITIVE_INFINITY);
      const since = stalls.get(address);
      // Not served yet: the Envoy has just started.
      if (state === "accepts" || since === undefined) continue;
      stalls.set(address, Math.min(since, now));
      if (state === "closed") violations.push(`${now} ms: nobody listens at ${address}`);
      else if (now - since > stallMs && !excused())
        violations.push(`${now} ms: nobody has accepted at ${address} since ${since} ms`);
    }
    for (const listener of envoy.listeners.active.values()) {
      const missing = listener.facts.routes?.find((name) => !envoy.routes.has(name));
      if (missing !== undefined && !excused())
        violations.push(`${now} ms: ${listener.name} has no routes: ${missing} is not there`);
    }
  };

  return {
    violations,
    configure(snapshot) {
      for (const { name } of snapshot.list(typeUrls.cluster)) clusters.add(name);
      const { now } = envoy.timeline;
      const names = new Set(
        [...snapshot.list(typeUrls.listener)].flatMap(
          ({ name, version, body }) => simResource(name, version, body).facts.addresses ?? [],
        ),
      );
      const since = addresses;
      promised = [...names].filter((address) => since === undefined || now - (since.get(address) ?? now) >= settleMs);
      if (settleMs === 0 && since !== undefined) promised = promised.filter((address) => since.has(address));
      const first = since === undefined ? Number.NEGATIVE_INFINITY : now;
      addresses = new Map([...names].map((address) => [address, since?.get(address) ?? first]));
      for (const address of stalls.keys()) if (!promised.includes(address)) stalls.delete(address);
    },
    look() {
      lookAtClusters();
      lookAtAddresses();
    },
  };
}

const waysOf = (envoy: SimEnvoy, { facts }: SimListener) => [
  ...(facts.ways ?? []),
  ...(facts.routes ?? []).flatMap((name) => envoy.routes.get(name)?.facts.ways ?? []),
];

/** What an Envoy has otherwise than a configuration says; nothing when it has arrived there. */
export function differences(envoy: SimEnvoy, target: Snapshot): string[] {
  const { clusters, listeners, routes, endpoints, secrets } = envoy;
  const found = [...clusters.warming.keys(), ...listeners.warming.keys()].map((name) => `${name} is warming`);
  const compare = (
    type: string,
    has: ReadonlyMap<string, { readonly content: string } | undefined>,
    whole: boolean,
  ) => {
    for (const { name, version, body } of target.list(type)) {
      if (!whole && !has.has(name)) continue;
      if (has.get(name)?.content !== simResource(name, version, body).content)
        found.push(`${name} is not as in the target`);
    }
    for (const name of has.keys()) {
      if (target.get(type, name) === undefined)
        found.push(`${type.slice(type.lastIndexOf(".") + 1)} ${name} is still there`);
    }
  };
  compare(typeUrls.cluster, clusters.active, true);
  compare(typeUrls.listener, listeners.active, true);
  compare(typeUrls.endpoints, endpoints, false);
  compare(typeUrls.secret, secrets, false);
  compare(typeUrls.routes, routes, false);
  return found;
}
