import type { SimTimes } from "./sim-clusters.js";
import type { SimResource } from "./sim-messages.js";
import type { Timeline } from "./timeline.js";

/** One version of a listener. */
export interface SimListener extends SimResource {
  /** Tells versions, and listeners of one name one after the other, apart. */
  readonly id: number;
}

interface Warming extends SimListener {
  /** Addresses whose socket it was handed: connections wait there. */
  readonly holds: ReadonlySet<string>;
  readonly stop: () => void;
}

/** Listeners, as Envoy's listener manager has them. */
export class SimListeners {
  readonly active = new Map<string, SimListener>();
  readonly warming = new Map<string, Warming>();
  /** Changed or removed ones whose connections go on. */
  readonly draining = new Set<SimListener>();
  #ids = 0;

  constructor(
    readonly timeline: Timeline,
    readonly times: SimTimes,
    readonly has: { secret(name: string): boolean; routes(name: string): boolean; cluster(name: string): boolean },
    /** A listener came into use or was drained by itself. */
    readonly settled: () => void,
  ) {}

  /** Those that have connections, or may. */
  get serving(): SimListener[] {
    return [...this.active.values(), ...this.draining];
  }

  get routeNames(): Set<string> {
    return new Set(this.#all().flatMap(({ facts }) => facts.routes ?? []));
  }

  get secretNames(): Set<string> {
    return new Set(this.#all().flatMap(({ facts }) => facts.secrets ?? []));
  }

  /** Who has an address: a listener in use accepts there, one that warms lets connections wait. */
  at(address: string): "accepts" | "waits" | "closed" {
    if ([...this.active.values()].some(({ facts }) => facts.addresses?.includes(address))) return "accepts";
    return [...this.warming.values()].some(({ holds }) => holds.has(address)) ? "waits" : "closed";
  }

  /** Removes some and takes others, in this order: so an address can be handed over. Returns what was rejected. */
  update(upserts: readonly SimResource[], removals: readonly string[]): string[] {
    const free = new Set<string>();
    for (const name of removals) {
      const held = [...(this.active.get(name)?.facts.addresses ?? []), ...(this.warming.get(name)?.holds ?? [])];
      for (const address of held) free.add(address);
      this.#retire(name);
      this.#cool(name);
    }
    return upserts.flatMap((one) => this.#put(one, free) ?? []);
  }

  /** Something came that listeners may wait for. */
  progress(): void {
    for (const [name, { facts }] of [...this.warming]) {
      const ready = (facts.routes ?? []).every(this.has.routes) && (facts.secrets ?? []).every(this.has.secret);
      if (ready) this.#activate(name);
    }
  }

  #all(): SimListener[] {
    return [...this.serving, ...this.warming.values()];
  }

  #put(listener: SimResource, free: ReadonlySet<string>): string | undefined {
    const { name, facts } = listener;
    const { addresses = [], requires = [] } = facts;
    if (facts.bad !== undefined) return `${name}: ${facts.bad}`;
    if ((this.warming.get(name) ?? this.active.get(name))?.content === listener.content) return undefined;
    const unknown = requires.find((cluster) => !this.has.cluster(cluster));
    if (unknown !== undefined) return `${name}: route: unknown cluster '${unknown}'`;
    const others = [...this.active.values(), ...this.warming.values()].filter((other) => other.name !== name);
    if (others.some((other) => other.facts.addresses?.some((address) => addresses.includes(address))))
      return `error adding listener: '${name}' has duplicate address`;
    const holds = new Set([
      ...addresses.filter((address) => free.has(address)),
      ...(this.warming.get(name)?.holds ?? []),
    ]);
    this.#cool(name);
    const { fetchMs } = this.times;
    const giveUp = () => {
      this.#activate(name);
      this.settled();
    };
    const stop = fetchMs > 0 ? this.timeline.after(fetchMs, giveUp) : () => {};
    this.warming.set(name, { ...listener, id: ++this.#ids, holds, stop });
    this.progress();
    return undefined;
  }

  #activate(name: string): void {
    const listener = this.warming.get(name);
    if (listener === undefined) return;
    this.#cool(name);
    this.#retire(name);
    this.active.set(name, listener);
  }

  #cool(name: string): void {
    this.warming.get(name)?.stop();
    this.warming.delete(name);
  }

  #retire(name: string): void {
    const old = this.active.get(name);
    if (old === undefined) return;
    this.active.delete(name);
    this.draining.add(old);
    this.timeline.after(this.times.drainMs, () => {
      this.draining.delete(old);
      this.settled();
    });
  }
}
