import type { Scope } from "@rxds/core";
import type { Observable, Subscription as RxSubscription } from "rxjs";
import type { StoreIndex } from "../fanout/store-index.js";
import type { View, XdsStream } from "../stream/stream.js";
import type { Base } from "./base.js";
import { ViewScope } from "./view-scope.js";

/** What the clients of one key are shown. Lives as long as its streams, and a while longer. */
export class Feed implements View {
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
    /** The source of the scope failed or completed. */
    readonly scopeEnded: (feed: Feed, error: unknown) => void,
  ) {}

  get index(): StoreIndex {
    return this.base.index;
  }

  get scope(): ViewScope | undefined {
    return this.#scope;
  }

  get ready(): boolean {
    return this.base.ready && (this.scope$ === undefined || this.#scope !== undefined);
  }

  start(): void {
    this.#subscription = this.scope$?.subscribe({
      next: (scope) => this.#show(scope),
      error: (error: unknown) => this.scopeEnded(this, error ?? new Error("the scope failed without saying why")),
      complete: () => this.scopeEnded(this, undefined),
    });
    this.wake();
  }

  /** Opens the streams that wait for a first configuration, once there is one. */
  wake(): void {
    if (this.#wasReady || !this.ready) return;
    this.#wasReady = true;
    for (const stream of this.streams) stream.open();
  }

  #show(scope: Scope): void {
    if (this.#scope === undefined) this.#scope = new ViewScope(this.index, scope);
    else if (this.#scope.fits(scope)) this.#scope.show(scope);
    else {
      // Streams resume where they were, with what they hold.
      for (const stream of [...this.streams]) stream.end("UNAVAILABLE", "the view has changed its kind: reconnect");
      this.#scope.close();
      this.#scope = new ViewScope(this.index, scope);
    }
    this.wake();
  }

  close(): void {
    clearTimeout(this.linger);
    this.#subscription?.unsubscribe();
    for (const stream of [...this.streams]) stream.end("UNAVAILABLE", "the server is closing");
    this.#scope?.close();
  }
}
