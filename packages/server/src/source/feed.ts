import type { Scope } from "@rxds/core";
import type { Observable, Subscription as RxSubscription } from "rxjs";
import type { ScopeMembers } from "../fanout/members.js";
import type { ViewIndex } from "../fanout/view-index.js";
import type { View, XdsStream } from "../stream/stream.js";
import type { Base, BaseView } from "./base.js";
import type { Own } from "./own.js";
import { ViewScope } from "./view-scope.js";

/** What the clients of one key are shown. Lives as long as its streams, and a while longer. */
export class Feed implements View, BaseView {
  readonly streams = new Set<XdsStream>();
  #scope: ViewScope | undefined;
  #subscription: RxSubscription | undefined;
  #wasReady = false;
  /** Ends the feed when its streams are gone for long enough. */
  linger: NodeJS.Timeout | undefined;

  constructor(
    readonly key: string,
    readonly base: Base,
    readonly scope$: Observable<Scope> | undefined,
    /** What it shows of its own; undefined: nothing. */
    readonly own: Own | undefined,
    /** The source of the scope failed or completed. */
    readonly scopeEnded: (feed: Feed, error: unknown) => void,
  ) {
    base.views.add(this);
    own?.part.views.add(this);
  }

  get index(): ViewIndex {
    return this.own?.index ?? this.base.index;
  }

  /** What shows a type. */
  partOf(typeUrl: string): Base {
    return this.own?.types.has(typeUrl) ? this.own.part : this.base;
  }

  members(typeUrl: string): ScopeMembers | undefined {
    return this.own?.types.has(typeUrl) ? undefined : this.#scope?.members(typeUrl);
  }

  get ready(): boolean {
    if (!this.base.ready || this.own?.part.ready === false) return false;
    return this.scope$ === undefined || this.#scope !== undefined;
  }

  /** Whether that was a snapshot of what it shows: of its base, or of its own. */
  knows(version: string): boolean {
    return this.base.versions.has(version) || this.own?.part.versions.has(version) === true;
  }

  start(): void {
    this.own?.part.start();
    this.#subscription = this.scope$?.subscribe({
      next: (scope) => this.#show(scope),
      error: (error: unknown) => this.scopeEnded(this, error ?? new Error("the scope failed without saying why")),
      complete: () => this.scopeEnded(this, undefined),
    });
    this.wake();
  }

  /** Opens the streams that wait for a first configuration, once there is one. */
  wake(): void {
    if (this.base.ready) this.own?.part.proceed();
    if (this.#wasReady || !this.ready) return;
    this.#wasReady = true;
    for (const stream of this.streams) stream.open();
  }

  #show(whole: Scope): void {
    const scope = this.own === undefined ? whole : without(whole, this.own.types);
    const { index } = this.base;
    if (this.#scope === undefined) this.#scope = new ViewScope(index, scope);
    else if (this.#scope.fits(scope)) this.#scope.show(scope);
    else {
      // Streams resume where they were, with what they hold.
      for (const stream of [...this.streams]) stream.end("UNAVAILABLE", "the view has changed its kind: reconnect");
      this.#scope.close();
      this.#scope = new ViewScope(index, scope);
    }
    this.wake();
  }

  close(): void {
    clearTimeout(this.linger);
    this.#subscription?.unsubscribe();
    for (const stream of [...this.streams]) stream.end("UNAVAILABLE", "the server is closing");
    this.#scope?.close();
    this.own?.part.close();
    this.base.views.delete(this);
  }
}

function without(scope: Scope, types: ReadonlySet<string>): Scope {
  return Object.fromEntries(Object.entries(scope).filter(([typeUrl]) => !types.has(typeUrl)));
}
