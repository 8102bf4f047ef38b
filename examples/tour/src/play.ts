import { eventually } from "@rxds/testkit";
import { edit, type Snapshot } from "rxds";
import { describeDiff } from "./describe-diff.js";
import type { Lab } from "./lab.js";
import type { Expectation, Step } from "./step.js";
import { type Counts, sendRequests } from "./traffic.js";
import { type Outcome, verifyTraffic } from "./verify.js";

/** An outcome, and how long it took until Envoy had accepted all of the change. */
export interface Played extends Outcome {
  readonly ms: number;
}

/** The default of `Expectation.requests`. */
const REQUESTS = 40;

/** Makes a step's change, waits until Envoy has accepted it, and sends requests. */
export async function play(lab: Lab, step: Step): Promise<Played> {
  const before = lab.snapshot();
  const after = edit(before, (draft) => step.change(draft, lab.addresses));
  const mark = lab.pushes.length;
  const start = performance.now();
  lab.emit(after);
  // At first Envoy is not connected yet, and asks for one type after the other.
  await lab.envoy.ready();
  await accepted(lab, after, mark);
  const ms = performance.now() - start;
  const traffic = await observeTraffic(lab, step.expect);
  // What Envoy asked for since then, routes of a changed listener for example, is accepted by now too.
  await accepted(lab, after, mark);
  return { diff: describeDiff(before, after), pushes: lab.pushes.slice(mark), traffic, ms };
}

/** Waits until Envoy has accepted a snapshot. What it rejects, or does not answer, is in the pushes, and not thrown. */
async function accepted({ server, pushes }: Lab, { version }: Snapshot, mark: number): Promise<void> {
  try {
    await server.converged(version, { deadlineMs: 10_000 });
  } catch (error) {
    if (pushes.slice(mark).every(({ answer }) => answer === "ACK")) throw error;
  }
}

/**
 * Sends requests until they end where they should: Envoy accepts a change before its workers have taken it over. What was
 * seen last is returned, as it should be or not; a request that failed is never tried again.
 */
async function observeTraffic({ envoy }: Lab, expected: Expectation): Promise<Record<string, Counts>> {
  let seen: Record<string, Counts> = {};
  const look = async () => {
    const traffic: Record<string, Counts> = {};
    for (const path of Object.keys(expected.traffic)) {
      const address = await envoy.listenerAddress("ingress");
      traffic[path] = await sendRequests(`http://${address}${path}`, expected.requests ?? REQUESTS);
    }
    seen = traffic;
    return verifyTraffic(expected, traffic).length === 0 || hasFailures(traffic);
  };
  // What is wrong after all is told by whoever verifies the outcome; if nothing was seen, the reason is.
  await eventually(look).catch((error: unknown) => {
    if (Object.keys(seen).length === 0) throw error;
  });
  return seen;
}

function hasFailures(traffic: Readonly<Record<string, Counts>>): boolean {
  return Object.values(traffic).some((counts) => Object.keys(counts).some((name) => name.startsWith("status ")));
}
