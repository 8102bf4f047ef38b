import { createStoreBeside, type OwnResources, type Store } from "@rxds/core";
import type { StoreIndex } from "../fanout/store-index.js";
import { indexBeside, type ViewIndex } from "../fanout/view-index.js";
import { Base, type BaseHooks, type BaseOptions } from "./base.js";

/** What one view has of its own, beside a base that it shares. */
export interface Own {
  /** The type URLs of which the view shows its own resources only. */
  readonly types: ReadonlySet<string>;
  /** The resources. */
  readonly part: Base;
  /** The fan-outs of these and of the base's. */
  readonly index: ViewIndex;
}

/**
 * Makes a store for a view's own resources, with a fan-out of its own, so that nothing of it is shared with other views. It is numbered
 * beside the base: a stream's cursor says of both how far it is.
 *
 * Bursts are merged as those of the base. Mass deletions are not looked for: a view's own resources are few, and often change
 * together.
 */
export function createOwn(
  { types: list, snapshots }: OwnResources,
  base: Base,
  { checks, debounce }: BaseOptions,
  makeIndex: (store: Store) => StoreIndex,
  hooks: BaseHooks,
): Own {
  const types = new Set(list);
  const options = debounce === undefined ? {} : { debounce };
  const part = new Base(
    snapshots,
    createStoreBeside(base.store, { ...checks, types }),
    options,
    makeIndex,
    hooks,
    base,
  );
  return { types, part, index: indexBeside(base.index, part.index, types) };
}
