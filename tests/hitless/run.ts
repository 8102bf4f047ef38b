import { setTimeout as pause } from "node:timers/promises";
import { createSnapshot } from "rxds";
import type { Mode } from "../envoy/lab.js";
import { loggedRequests } from "./access-log.js";
import { answersOf } from "./answers.js";
import { now } from "./control.js";
import { explain } from "./explain.js";
import { transitions } from "./generator.js";
import { aim, type Lab, type LabOptions, withLab } from "./lab.js";
import { plainNeed } from "./need.js";
import { seeded } from "./random.js";
import { createTally, type Report } from "./report.js";
import { resourcesOf } from "./resources.js";
import { take } from "./take.js";

/** How many failures are told. */
const TOLD = 10;

/** How many events are told when a transition does not end. */
const MOST_EVENTS = 30;

/** What is run. */
export interface RunOptions {
  readonly mode: Mode;
  readonly transitions: number;
  /** The same seed draws the same transitions. */
  readonly seed: number;
  /** Whether the server pushes hitlessly. False: plain pushing. */
  readonly hitless: boolean;
  /** Kinds of transitions. Default: all. */
  readonly kinds?: readonly string[] | undefined;
  /**
   * The rest after each transition, in ms, so that what it breaks happens before the next one. Default: 0, the next one
   * starts at once.
   */
  readonly restMs?: number;
  /** Whether a kind of which a request has failed does not come again; the run is over when none is left. Default: false. */
  readonly untilFailed?: boolean;
  /** Hears what a person wants to read. Default: nobody. */
  readonly say?: (line: string) => void;
}

/** Sends a real Envoy under load from one random snapshot to the next, and counts the requests that fail. */
export async function run(options: RunOptions): Promise<Report> {
  const { say = () => undefined } = options;
  let told = 0;
  /** What Envoy's end breaks is no failure. */
  let over = false;
  const failed: LabOptions["failed"] = (failure, { control }) => {
    if (!over && told++ < TOLD) say(explain(failure, control.heard));
  };
  return withLab({ ...options, failed }, async (lab) => {
    const tally = createTally();
    await everyTransition(lab, options, tally).catch((error: unknown) => {
      over = true;
      throw error;
    });
    await lab.traffic.stop();
    const seen = await loggedRequests(lab);
    const cut = lab.judge.lost.filter(({ outcome }) => seen.has(outcome.id));
    for (const failure of cut) failed(failure, lab);
    return tally.report({ ...options, judge: lab.judge, cut });
  });
}

async function everyTransition(lab: Lab, options: RunOptions, tally: ReturnType<typeof createTally>): Promise<void> {
  const { control, judge, around, ports } = lab;
  const hasFailed = (kind: string) => judge.failures.some((failure) => failure.kind === kind);
  const isOver = options.untilFailed ? hasFailed : undefined;
  const next = transitions(seeded(options.seed), options.kinds, options.mode, isOver);
  let [world, snapshot] = [lab.first, lab.firstSnapshot];
  for (let i = 1; i <= options.transitions; i++) {
    const transition = await next(world);
    if (transition === undefined) return;
    const { kind, steps } = transition;
    const began = { at: now(), sent: control.sent() };
    const before = snapshot;
    for (const [index, step] of steps.entries()) {
      await ports.take(step.world);
      const after = createSnapshot([...resourcesOf(step.world, around, step.missing), ...(step.more ?? [])]);
      judge.begin(answersOf(step.routedBy ?? step.world), `${i}.${index + 1}`, kind);
      aim(lab);
      await take(step, after, lab).catch((error: unknown) => {
        const events = control.heard.slice(-MOST_EVENTS).map(({ event }) => `  ${event.kind} ${event.detail}`);
        const message = `transition ${i}.${index + 1} (${kind}) is not over; the last events:\n${events.join("\n")}\n`;
        throw new Error(`${message}${error instanceof Error ? error.message : String(error)}`, { cause: error });
      });
      [world, snapshot] = [step.world, after];
    }
    const took = now() - began.at;
    if (options.restMs) await pause(options.restMs);
    judge.end();
    tally.add(kind, took, control.sent() - began.sent - plainNeed(before, snapshot));
    if (i % 50 === 0) options.say?.(`${i} transitions, ${judge.requests()} requests, ${judge.failures.length} failed`);
  }
}
