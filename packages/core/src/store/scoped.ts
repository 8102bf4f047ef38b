import type { Observable } from "rxjs";
import type { Snapshot } from "../snapshot/snapshot.js";
import type { Store } from "./store.js";

/** What a view shows: for each type URL the names, or all; a type that is not listed shows nothing. */
export type Scope = Readonly<Record<string, "all" | Iterable<string>>>;

/** A view of a shared configuration. Made by {@link scoped}. */
export interface ScopedSource {
  /** Tells it from other sources. */
  readonly kind: "scoped";
  /** The shared configuration: sources with the same object share one store. */
  readonly base: Observable<Snapshot> | Store;
  /** What this view shows of it, changing over time. */
  readonly scope$: Observable<Scope>;
}

/**
 * A view of a shared configuration: only the resources that the scope names. A thousand views of one base cost one commit
 * a change, not a thousand.
 *
 * A client sees of the view what it would see of a snapshot with just these resources. Silent until both have emitted.
 */
export function scoped(base: Observable<Snapshot> | Store, scope$: Observable<Scope>): ScopedSource {
  return { kind: "scoped", base, scope$ };
}
