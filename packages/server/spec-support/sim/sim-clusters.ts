import type { Facts } from "./facts.js";
import type { SimResource } from "./sim-messages.js";
import type { Timeline } from "./timeline.js";

/** A cluster that is in use. */
export interface ActiveCluster extends SimResource {
  /** Whether requests can go there: its endpoints came, at least once, and so did its first health check. */
  readonly usable: boolean;
  /** Whether it has waited in vain for endpoints of another name, and goes on with those of before. */
  readonly borrows: boolean;
}

interface WarmingCluster extends SimResource {
  fed: boolean;
  checking: boolean;
  stop: () => void;
}

/** How long things take, in milliseconds. */
export interface SimTimes {
  /** Until a cluster or listener goes on without what it waits for; 0: never. */
  readonly fetchMs: number;
  /** Until the first health check is done. */
  readonly checkMs: number;
  /** How long connections of an old listener go on. */
  readonly drainMs: number;
}

/** Clusters, as Envoy's cluster manager has them: each in use, warming, or both. */
export class SimClusters {
  readonly active = new Map<string, ActiveCluster>();
  readonly warming = new Map<string, WarmingCluster>();

  constructor(
    readonly timeline: Timeline,
    readonly times: SimTimes,
    readonly hasSecret: (name: string) => boolean,
    /** A cluster ceased to warm by itself; `missed`: because its endpoints did not come. */
    readonly settled: (missed: boolean) => void,
  ) {}

  has(name: string): boolean {
    return this.active.has(name) || this.warming.has(name);
  }

  /** The names under which endpoints are asked for. */
  get endpointNames(): Set<string> {
    const all = [...this.active.values(), ...this.warming.values()];
    return new Set(all.flatMap(({ facts }) => facts.eds ?? []));
  }

  /** Whether a cluster in use waits for endpoints of another name than that of before, or has waited for them in vain. */
  get isRefeeding(): boolean {
    const changes = ({ name, facts, fed }: WarmingCluster) => !fed && this.#changesEndpoints(name, facts);
    return [...this.warming.values()].some(changes) || [...this.active.values()].some(({ borrows }) => borrows);
  }

  #changesEndpoints(name: string, { eds }: Facts): boolean {
    const before = this.active.get(name);
    return before !== undefined && before.facts.eds !== eds;
  }

  /** Takes a new or changed cluster. Returns why not, or whether it was news. */
  put(cluster: SimResource): string | boolean {
    const { name, facts } = cluster;
    if (facts.bad !== undefined) return `${name}: ${facts.bad}`;
    const current = this.warming.get(name) ?? this.active.get(name);
    if (current?.content === cluster.content) return false;
    this.warming.get(name)?.stop();
    const { fetchMs } = this.times;
    const stop = fetchMs > 0 ? this.timeline.after(fetchMs, () => this.#giveUp(name)) : () => {};
    // Endpoints that came before it do not count.
    this.warming.set(name, { ...cluster, fed: facts.eds === undefined, checking: false, stop });
    this.#progress(name);
    return true;
  }

  remove(name: string): void {
    this.warming.get(name)?.stop();
    this.warming.delete(name);
    this.active.delete(name);
  }

  /** Endpoints came; `some`: and not just word that there are none. */
  feed(eds: string, some: boolean): void {
    for (const cluster of [...this.active.values()]) {
      if (cluster.facts.eds !== eds) continue;
      this.active.set(cluster.name, { ...cluster, usable: some, borrows: cluster.borrows && !some });
    }
    for (const [name, cluster] of [...this.warming]) {
      if (cluster.facts.eds !== eds) continue;
      cluster.fed = true;
      if (some) this.#progress(name);
      else this.#activate(name, false);
    }
  }

  /** A secret came, or will not. */
  secret(): void {
    for (const name of [...this.warming.keys()]) this.#progress(name);
  }

  #progress(name: string): void {
    const cluster = this.warming.get(name);
    if (cluster === undefined || !cluster.fed || cluster.checking) return;
    if (!(cluster.facts.secrets ?? []).every(this.hasSecret)) return;
    if (!cluster.facts.checked) {
      this.#activate(name, true);
      return;
    }
    cluster.checking = true;
    cluster.stop();
    cluster.stop = this.timeline.after(this.times.checkMs, () => {
      this.#activate(name, true);
      this.settled(false);
    });
  }

  #giveUp(name: string): void {
    const cluster = this.warming.get(name);
    const missed = cluster?.fed === false;
    const before = this.active.get(name);
    const borrows = missed && (before?.borrows || this.#changesEndpoints(name, cluster.facts));
    // It goes on with the endpoints it had; a new one has none.
    this.#activate(name, !missed || (before?.usable ?? false), borrows);
    this.settled(missed);
  }

  #activate(name: string, usable: boolean, borrows = false): void {
    const cluster = this.warming.get(name);
    if (cluster === undefined) return;
    cluster.stop();
    this.warming.delete(name);
    const { version, content, facts } = cluster;
    this.active.set(name, { name, version, content, facts, usable, borrows });
  }
}
