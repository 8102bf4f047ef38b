import type { RedirectEntry } from "../plan/redirect-plan.js";
import type { BuiltService } from "./build-service.js";
import { costs } from "./costs.js";
import type { CallerView } from "./visibility.js";

/** What the callers of one or more proxies see together. Proxies whose callers see the same share one object. */
export interface Sight {
  /** Tells sights apart. */
  readonly key: string;
  readonly services: ReadonlySet<string>;
  /** Services that none of the callers sees, and that do not let everybody in. */
  readonly guarded: ReadonlySet<string>;
  /** The names of the resources behind the services. */
  readonly names: SightNames;
  /** The entries of redirect plans, by where the proxy listens. */
  readonly entries: Map<string, readonly RedirectEntry[]>;
}

/** Names of shared resources. */
export interface SightNames {
  readonly listeners: readonly string[];
  readonly routes: readonly string[];
  readonly clusters: readonly string[];
  /** The clusters of UDP ports: each has a listener of the proxy's own. */
  readonly udp: readonly string[];
}

/** The sights of all proxies, each made once. */
export class Sights {
  readonly #known = new Map<string, Sight>();
  #epoch = 0;

  constructor(readonly built: ReadonlyMap<string, BuiltService>) {}

  /** What callers see is other than before, or is called otherwise. */
  clear(): void {
    this.#known.clear();
    this.#epoch++;
  }

  /** What some callers see together. */
  of(views: Iterable<CallerView>): Sight {
    const byDigest = new Map<string, CallerView>();
    for (const view of views) byDigest.set(view.digest, view);
    const key = [...byDigest.keys()].sort().join(" ");
    let sight = this.#known.get(key);
    if (sight === undefined) {
      costs.scopes++;
      const services = new Set<string>();
      const guarded = new Set<string>();
      for (const view of byDigest.values()) for (const service of view.services) services.add(service);
      for (const view of byDigest.values())
        for (const service of view.guarded) if (!services.has(service)) guarded.add(service);
      const names = namesOf(services, this.built);
      sight = { key: `${this.#epoch} ${key}`, services, guarded, names, entries: new Map() };
      this.#known.set(key, sight);
    }
    return sight;
  }
}

/** The names of the resources behind some services. */
export function namesOf(services: Iterable<string>, built: ReadonlyMap<string, BuiltService>): SightNames {
  const listeners: string[] = [];
  const routes: string[] = [];
  const clusters = new Set<string>();
  const udp: string[] = [];
  for (const service of services) {
    const names = built.get(service)?.names;
    if (names === undefined) continue;
    listeners.push(...names.listeners);
    routes.push(...names.routes);
    for (const name of names.clusters) clusters.add(name);
    for (const { cluster, protocol } of names.ports) if (protocol === "udp") udp.push(cluster);
  }
  return { listeners, routes, clusters: [...clusters], udp };
}
