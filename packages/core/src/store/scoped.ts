import type { Observable } from "rxjs";
import type { Snapshot } from "../snapshot/snapshot.js";
import type { Store } from "./store.js";

/** What a view shows: for each type URL the names, or all; a type that is not listed shows nothing. */
export type Scope = Readonly<Record<string, "all" | Iterable<string>>>;

/** What a view has beside the shared configuration, for itself alone. */
export interface OwnResources {
  /**
   * The type URLs. Of these the view shows its own resources, all of them, and never the shared ones, whatever its scope says.
   * Fixed for the life of the view.
   */
  readonly types: readonly string[];
  /**
   * The resources, changing over time. A snapshot that holds a resource of another type, or is not valid, is refused as a whole;
   * the last good one stays.
   */
  readonly snapshots: Observable<Snapshot>;
}

/** A view of a shared configuration. Made by {@link scoped}. */
export interface ScopedSource {
  /** Tells it from other sources. */
  readonly kind: "scoped";
  /** The shared configuration: sources with the same object share one store. */
  readonly base: Observable<Snapshot> | Store;
  /** What this view shows of it, changing over time. */
  readonly scope$: Observable<Scope>;
  /** What this view has of its own; undefined: nothing. */
  readonly own: OwnResources | undefined;
}

/**
 * A view of a shared configuration: only the resources that the scope names. A thousand views of one base cost one commit
 * a change, not a thousand.
 *
 * With `own`, the view also has resources for itself, of types that it shares with nobody: so different views may have different
 * contents under one name. A change of them costs what changed, and reaches only the clients of this view. What the shared
 * resources name of those types is not in the shared configuration: tell its check so (`CheckOptions.external`), else each such
 * reference is reported as one that leads nowhere. What the view's own resources name is looked for in both.
 *
 * A client sees of the view what it would see of a snapshot with just these resources. Silent until all have emitted.
 */
export function scoped(
  base: Observable<Snapshot> | Store,
  scope$: Observable<Scope>,
  own?: OwnResources,
): ScopedSource {
  return { kind: "scoped", base, scope$, own };
}
