import { createStore, isStore, type OwnResources, type Store } from "@rxds/core";
import type { StoreIndex } from "../fanout/store-index.js";
import type { XdsOptions } from "../xds-options.js";
import { Base, type BaseHooks } from "./base.js";
import { Feed } from "./feed.js";
import { createOwn, type Own } from "./own.js";
import { partsOf, type SourceParts } from "./source.js";

/** What {@link Feeds} needs of the server. */
export interface FeedHooks extends BaseHooks {
  readonly makeIndex: (store: Store) => StoreIndex;
  readonly scopeEnded: (feed: Feed, error: unknown) => void;
  /** The source of a view's own resources failed or completed; the last good ones stay in force. */
  readonly ownEnded: (own: Base, error: unknown) => void;
}

/** What is served, by key. Keys with the same base share its store. */
export class Feeds {
  readonly #feeds = new Map<string, Feed>();
  /** Stays although nobody watches it. */
  #kept: Feed | undefined;
  readonly #bases = new Map<unknown, Base>();

  constructor(
    readonly options: XdsOptions,
    readonly hooks: FeedHooks,
  ) {}

  /** The feed of a key; made when first asked for. @throws what the user's function throws. */
  feed(key: string): Feed {
    let feed = this.#feeds.get(key);
    if (feed === undefined) {
      const { snapshots } = this.options;
      const {
        base: source,
        scope$,
        own: resources,
      } = partsOf(typeof snapshots === "function" ? snapshots(key) : snapshots);
      const known = this.#bases.get(source);
      const base = known ?? this.#makeBase(source);
      feed = new Feed(key, base, scope$, resources && this.#makeOwn(resources, base), this.hooks.scopeEnded);
      this.#bases.set(source, base);
      this.#feeds.set(key, feed);
      if (known === undefined) base.start();
      feed.start();
    }
    clearTimeout(feed.linger);
    return feed;
  }

  /** Starts the feed of a key, and keeps it: a source that speaks only once must not be left and asked again. */
  keep(key: string): void {
    this.#kept = this.feed(key);
  }

  /** A stream of the feed is over. */
  released(feed: Feed): void {
    if (feed === this.#kept || feed.streams.size > 0 || this.#feeds.get(feed.key) !== feed) return;
    clearTimeout(feed.linger);
    feed.linger = setTimeout(() => this.#drop(feed), this.options.lingerMs ?? 60_000);
    feed.linger.unref();
  }

  all(): Iterable<Feed> {
    return this.#feeds.values();
  }

  close(): void {
    for (const feed of [...this.#feeds.values()]) this.#drop(feed);
  }

  #drop(feed: Feed): void {
    this.#feeds.delete(feed.key);
    feed.close();
    if (feed.base.views.size > 0) return;
    this.#bases.delete(feed.base.source);
    feed.base.close();
  }

  #makeBase(source: SourceParts["base"]): Base {
    const store = isStore(source) ? source : createStore(this.options.checks);
    return new Base(source, store, this.options, this.hooks.makeIndex, this.hooks);
  }

  #makeOwn(resources: OwnResources, base: Base): Own {
    const hooks = { ...this.hooks, ended: this.hooks.ownEnded };
    return createOwn(resources, base, this.options, this.hooks.makeIndex, hooks);
  }
}
