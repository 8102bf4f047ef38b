import type { Observable } from "rxjs";

/** What puts redirect plans into force on a node. `@rxds/ebpf` has one. */
export interface AgentSink {
  /** Each time a plan is in force, also when nothing had to be done for it. Replays the last. */
  readonly applied$: Observable<AppliedPlan>;
  /** A plan could not be put into force; the one before stays. */
  readonly failures$: Observable<FailedPlan>;
  /** Stops following plans; leaves everything in force as it is. */
  close(): Promise<void>;
}

/** A plan that is in force. */
export interface AppliedPlan {
  /** Its generation. */
  readonly generation: string;
  /** What of it is not in force all the same, and why. Empty: all is. */
  readonly problems: readonly SinkProblem[];
}

/** A plan that could not be put into force. */
export interface FailedPlan {
  /** Its generation. */
  readonly generation: string;
  /** Why. The message is told to the control plane. */
  readonly error: Error;
}

/** Something of a plan that a sink could not do. */
export interface SinkProblem {
  /** What kind of problem it is: the thing to branch on. */
  readonly kind: string;
  /** What is wrong, for people. */
  readonly message: string;
  /** The workload that it is about, `"namespace/name"`. */
  readonly workload?: string;
}
