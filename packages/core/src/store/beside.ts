import type { CheckOptions, ResourceLookup } from "../snapshot/check.js";
import type { Diff } from "../snapshot/diff.js";
import type { Problem } from "../snapshot/problem.js";
import type { Store } from "./store.js";

/** Where a store takes its numbers from. */
export interface Sequence {
  /** The newest number. */
  readonly seq: number;
  /** Takes the next one. */
  advance(): number;
}

/** A sequence of its own, from 1 on. */
export function createSequence(): Sequence {
  let seq = 0;
  return {
    get seq() {
      return seq;
    },
    advance: () => ++seq,
  };
}

/** What a store that stands beside another one holds, and how that is checked. */
export interface BesideOptions extends CheckOptions {
  /** The type URLs of which it may hold resources; one of another type refuses a change as a whole. */
  readonly types: Iterable<string>;
}

/** Where a store stands. */
export interface Beside {
  readonly base: Store;
  readonly types: ReadonlySet<string>;
}

/** Looks resources up where they are: those of its own types in the store, all others in the one that it stands beside. */
export function lookupBeside({ base, types }: Beside, own: ResourceLookup): ResourceLookup {
  return { get: (type, name) => (types.has(type) ? own : base).get(type, name) };
}

/** What a change would put in that is of none of those types. */
export function foreignTypes({ types }: Beside, { upserts }: Diff): Problem[] {
  return upserts.flatMap(({ type, name }) => {
    if (types.has(type)) return [];
    const message = `expected a resource of one of the types ${[...types].join(", ")}`;
    return [{ severity: "error", code: "foreign-type", type, name, path: "", message }];
  });
}
