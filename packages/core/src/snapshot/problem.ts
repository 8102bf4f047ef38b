import type { ResourceKey } from "./snapshot.js";

/** Something that is wrong with a configuration as a whole. Plain data; holds no secret. */
export interface Problem extends ResourceKey {
  /** An error refuses the whole configuration; a warning does not. */
  readonly severity: "error" | "warning";
  /**
   * `duplicate-name`: two different resources of one name. `invalid-resource`: no client would take it.
   * `dangling-reference`: it names a resource that is not there. `foreign-type`: it is of a type that does not belong here: a view's
   * own resources are of the view's own types.
   */
  readonly code: "duplicate-name" | "invalid-resource" | "dangling-reference" | "foreign-type";
  /** Where in the resource, as a path of field names; empty: the resource as a whole. */
  readonly path: string;
  /** What is wrong, what was expected, and what to do. */
  readonly message: string;
}

/** A configuration was refused as a whole; the last good one stays in force. */
export class InvalidSnapshotError extends Error {
  override readonly name = "InvalidSnapshotError";
  constructor(
    /** Every error, and the warnings that came with them. */
    readonly problems: readonly Problem[],
  ) {
    const errors = problems.filter((problem) => problem.severity === "error");
    const shown = errors.slice(0, 3).map(describeProblem);
    const more = errors.length > shown.length ? [`and ${errors.length - shown.length} more`] : [];
    super(`the configuration was refused: ${[...shown, ...more].join("; ")}`);
  }
}

/** One line for people. */
export function describeProblem(problem: Problem): string {
  const { type, name, path, message } = problem;
  return `${type.slice(type.lastIndexOf(".") + 1)} ${JSON.stringify(name)}${path && ` at ${path}`}: ${message}`;
}
