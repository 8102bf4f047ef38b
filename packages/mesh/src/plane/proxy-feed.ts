import type { Scope, Snapshot } from "@rxds/core";
import { ReplaySubject } from "rxjs";
import type { MeshCompiler } from "../graph/compiler.js";
import type { MeshProxy } from "../graph/proxy.js";
import { chain, exists, fixedNames, ownResources, proxyScope, sightOf } from "../graph/proxy-view.js";
import { namesOf, type Sight } from "../graph/sight.js";

interface Shown {
  /** Tells what is shown from other things. */
  readonly key: string;
  readonly scope: Scope;
  /** Whether more is shown than is to be. */
  readonly wide: boolean;
}

/** What a feed needs of the plane. */
export interface FeedHooks {
  /** How long to go on serving what callers see no more, in milliseconds; undefined: until `settle`. */
  readonly leaveAfterMs: () => number | undefined;
  /** Does something when nothing is being compiled. */
  readonly whenIdle: (action: () => void) => void;
}

/** What one proxy is shown, over time. */
export class ProxyFeed {
  readonly scope$ = new ReplaySubject<Scope>(1);
  readonly own$ = new ReplaySubject<Snapshot>(1);
  #sight: Sight | undefined;
  /** Services that callers see no more, while connections may still be redirected to the proxy on their account. */
  readonly #leaving = new Set<string>();
  #shown: Shown | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly proxy: MeshProxy,
    readonly compiler: MeshCompiler,
    readonly hooks: FeedHooks,
  ) {}

  /** Shows what is new, and still all that was shown. */
  widen(): void {
    // Of what the mesh knows nothing any more, the proxy keeps what it has.
    if (!exists(this.proxy, this.compiler)) return;
    this.#look(sightOf(this.proxy, this.compiler));
    const next = this.#next();
    if (this.#shown?.key === next.key) return;
    this.#show(this.#shown === undefined ? next : { ...next, scope: union(this.#shown.scope, next.scope), wide: true });
    this.#wait();
  }

  /** Shows no more than what is to be shown. */
  narrow(): void {
    if (this.#shown?.wide) this.#show(this.#next());
  }

  /** Looks again who the proxy's callers are. */
  renewOwn(): void {
    if (exists(this.proxy, this.compiler)) this.own$.next(ownResources(this.proxy, this.compiler));
  }

  /** Nobody is redirected to the proxy any more on account of what its callers do not see. */
  settle(): void {
    this.close();
    if (this.#leaving.size === 0) return;
    this.#leaving.clear();
    this.#show(this.#next());
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #look(sight: Sight): void {
    if (this.#sight === sight) return;
    for (const service of this.#sight?.services ?? []) this.#leaving.add(service);
    for (const service of this.#leaving) {
      if (sight.services.has(service) || !this.compiler.built.has(service)) this.#leaving.delete(service);
    }
    this.#sight = sight;
  }

  #next(): Shown {
    const sight = this.#sight!;
    const { proxy, compiler } = this;
    const names = this.#leaving.size === 0 ? [sight.names] : [sight.names, namesOf(this.#leaving, compiler.built)];
    const key = JSON.stringify([sight.key, [...this.#leaving], fixedNames(proxy, compiler)]);
    return { key, scope: proxyScope(proxy, names, compiler), wide: false };
  }

  #show(shown: Shown): void {
    this.#shown = shown;
    this.scope$.next(shown.scope);
  }

  #wait(): void {
    const delay = this.hooks.leaveAfterMs();
    if (this.#leaving.size === 0 || this.#timer !== undefined || delay === undefined) return;
    this.#timer = setTimeout(() => this.hooks.whenIdle(() => this.settle()), delay);
    this.#timer.unref();
  }
}

/** What any of two scopes shows. */
function union(a: Scope, b: Scope): Scope {
  const all: Record<string, Iterable<string>> = {};
  for (const type of Object.keys(b)) {
    const lists = [a[type], b[type]].filter((names) => names !== undefined && names !== "all");
    all[type] = chain(...lists);
  }
  return all;
}
