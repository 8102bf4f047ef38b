import type { Scope, Snapshot } from "@rxds/core";
import { ReplaySubject } from "rxjs";
import type { MeshCompiler } from "../graph/compiler.js";
import type { MeshProxy } from "../graph/proxy.js";
import { exists, ownResources, proxyScope, servicesOf } from "../graph/proxy-view.js";
import { sameScope, union } from "./scopes.js";
import { Serving } from "./serving.js";

/** What one proxy is shown, over time. */
export class ProxyFeed {
  readonly scope$ = new ReplaySubject<Scope>(1);
  readonly own$ = new ReplaySubject<Snapshot>(1);
  readonly #serving = new Serving();
  #shown: Scope | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly proxy: MeshProxy,
    readonly compiler: MeshCompiler,
    /** How long to go on serving what callers see no more, in milliseconds; undefined: until `settle`. */
    readonly leaveAfterMs: () => number | undefined,
  ) {}

  /** Shows what is new, and still all that was shown. */
  widen(): void {
    // Of what the mesh knows nothing any more, the proxy keeps what it has.
    if (!exists(this.proxy, this.compiler)) return;
    this.#serving.want(servicesOf(this.proxy, this.compiler), (service) => this.compiler.built.has(service));
    const scope = this.#scope();
    this.#show(this.#shown === undefined ? scope : union(this.#shown, scope));
    this.#wait();
  }

  /** Shows no more than what is to be shown. */
  narrow(): void {
    if (exists(this.proxy, this.compiler)) this.#show(this.#scope());
  }

  /** Looks again who the proxy's callers are. */
  renewOwn(): void {
    if (exists(this.proxy, this.compiler)) this.own$.next(ownResources(this.proxy, this.compiler));
  }

  /** Nobody is redirected to the proxy any more on account of what its callers do not see. */
  settle(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#serving.leaving) return;
    this.#serving.settle();
    this.narrow();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #scope(): Scope {
    return proxyScope(this.proxy, this.#serving.services, this.compiler);
  }

  #show(scope: Scope): void {
    if (this.#shown !== undefined && sameScope(this.#shown, scope)) return;
    this.#shown = scope;
    this.scope$.next(scope);
  }

  #wait(): void {
    const delay = this.leaveAfterMs();
    if (!this.#serving.leaving || this.#timer !== undefined || delay === undefined) return;
    this.#timer = setTimeout(() => this.settle(), delay);
    this.#timer.unref();
  }
}
