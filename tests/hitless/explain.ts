import type { Heard } from "./control.js";
import type { Failure } from "./judge.js";

/** What the control plane did so many ms before a request began and until it ended is told. */
const BEFORE_MS = 300;
const MOST_EVENTS = 30;

/** A failure in words, with what was sent around then. */
export function explain({ outcome, what, during, kind, right }: Failure, heard: readonly Heard[]): string {
  const { target, sentAt, doneAt, error, reused, body = "" } = outcome;
  const connection = error === "" ? "" : ` on a ${reused ? "used" : "new"} connection`;
  const events = heard
    .filter(({ at }) => at >= sentAt - BEFORE_MS && at <= doneAt)
    .slice(-MOST_EVENTS)
    .map(
      ({ at, event }) => `    ${(at - sentAt).toFixed(1).padStart(7)} ms  ${event.kind} ${event.detail.slice(0, 240)}`,
    );
  const took = (doneAt - sentAt).toFixed(1);
  const first = `${new Date(sentAt).toISOString()} transition ${during} (${kind}): ${target}: ${what}${connection} after ${took} ms`;
  return [
    first,
    `  answered: ${body || "nothing"}; right: ${right.join(", ")}`,
    "  relative to when it was sent:",
    ...events,
  ].join("\n");
}
