/** Something of a plan that is not put into force; all else is. */
export interface SinkProblem {
  /**
   * `"entry"`: an entry that cannot be; `"no-place"`: a workload without a network namespace or cgroup; `"not-found"`: it is not there
   * (yet); `"host-network"`: it shares the node's network; `"uncovered"`: a proxy that would not know what was dialed;
   * `"other-programs"`: others are on the same hooks.
   */
  readonly kind: "entry" | "no-place" | "not-found" | "host-network" | "uncovered" | "other-programs";
  /** What was expected, where, and what to do. */
  readonly message: string;
  /** `"namespace/name"`. */
  readonly workload?: string;
}
