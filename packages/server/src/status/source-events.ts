import { describeProblem, type InvalidSnapshotError, type Problem } from "@rxds/core";
import type { HeldSnapshot } from "../source/hold.js";
import { counted } from "./counted.js";
import type { XdsEvent } from "./events.js";

/** What a commit did, in numbers. */
export interface CommitCounts {
  readonly seq: number;
  readonly upserts: number;
  readonly removals: number;
}

export function committedEvent(keys: readonly string[], counts: CommitCounts, warnings: readonly Problem[]): XdsEvent {
  const { seq, upserts, removals } = counts;
  const warned = warnings.length > 0 ? `; ${warnings.map(describeProblem).join("; ")}` : "";
  const detail = `commit ${seq}: ${counted(upserts, "upsert")}, ${counted(removals, "removal")}${warned}`;
  return { kind: "committed", keys, ...counts, warnings, detail };
}

export function refusedEvent(keys: readonly string[], error: InvalidSnapshotError): XdsEvent {
  return { kind: "refused-snapshot", keys, problems: error.problems, detail: error.message };
}

export function heldEvent(keys: readonly string[], { version, types }: HeldSnapshot): XdsEvent {
  const lost = types.map(({ label, had, removed }) => `${removed} of ${had} ${label}`).join(", ");
  const detail = `snapshot ${version} would remove ${lost}: held until the next one, or release("${version}")`;
  return { kind: "held-snapshot", keys, version, types, detail };
}

/** `what`: the source, the scope, or the source of a view's own resources. */
export function endedEvent(keys: readonly string[], what: string, reason: unknown): XdsEvent {
  const error = reason === undefined || reason instanceof Error ? reason : new Error(String(reason));
  const how = error === undefined ? "completed" : `failed: ${error.message}`;
  return { kind: "source-ended", keys, error, detail: `${what} ${how}; what it last said stays in force` };
}
