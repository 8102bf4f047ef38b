import { resourceType, type Snapshot, typeUrls } from "@rxds/core";
import { BehaviorSubject, type Observable } from "rxjs";
import type { HitlessOptions } from "../../src/hitless/options.js";
import type { SnapshotSource } from "../../src/source/source.js";
import { snapshotOf } from "./configuration.js";
import { edited, firstOf, type LiveHistory, repaired } from "./live-history.js";
import { differences } from "./oracle.js";
import type { SimRequest, SimResponse } from "./sim-messages.js";
import { createSimWorld } from "./sim-world.js";

/** What a history came to. */
export interface LiveOutcome {
  /** The first requests that would have been lost. */
  readonly lost: readonly string[];
  /** In what the Envoy is not at the last configuration; empty: it is. */
  readonly missing: readonly string[];
}

/** What was lost, with all that was said. */
export interface LiveTrial extends LiveOutcome {
  readonly trace: readonly string[];
}

/** Short times, so that a history is short; in proportion to each other as the real ones. */
const DRAIN_MS = 3000;
export const liveRules: HitlessOptions = { lingerMs: 500, drainMs: DRAIN_MS };
/** A little shorter than the linger. */
const AIR_MS = 450;
/** Longer than a client may be behind. */
const SETTLE_MS = 10_000;
/** In this time it has the first configuration. */
const START_MS = 3000;
/** Longer than messages take in all. */
const STALL_MS = 8000;
/** The longest that a client waits for endpoints, and a little more. */
const BEHIND_MS = 20_000;
/** All waits together take less: for endpoints that do not come, for drains and lingers. */
const QUIET_MS = 60_000;
const LOOK_MS = 100;

/** Plays a history with a server and an Envoy of its own. `serve`: what the server makes of the snapshots. Default: it serves them. */
export function playLive(
  history: LiveHistory,
  hitless: boolean | HitlessOptions = liveRules,
  serve: (snapshots: Observable<Snapshot>) => SnapshotSource = (snapshots) => snapshots,
): LiveTrial {
  const { protocol, delays, steps } = history;
  const trace: string[] = [];
  const say = (words: string) => void trace.push(`${performance.now()} ms: ${words}`);
  let turn = 0;
  let lag = 0;
  const delay = () => {
    const ms = (delays[turn++ % delays.length] ?? 0) + lag;
    lag = 0;
    return ms;
  };
  let excused = false;
  const named = new Map<string, number>();
  let current = firstOf(history);
  const snapshots = new BehaviorSubject<Snapshot>(snapshotOf(current));
  using world = createSimWorld({
    protocol,
    snapshots: serve(snapshots),
    delay,
    hitless,
    airMs: AIR_MS,
    stallMs: STALL_MS,
    settleMs: SETTLE_MS,
    excused: () => excused,
    times: { drainMs: DRAIN_MS, checkMs: 300 },
    heard: (message) => say(inShort(message)),
  });
  const { oracle, envoy } = world;
  const pass = (ms: number) => {
    for (let left = ms; left > 0 && oracle.violations.length === 0; left -= LOOK_MS) {
      world.advance(Math.min(left, LOOK_MS));
    }
  };
  const publish = () => {
    const snapshot = snapshotOf(current);
    say(`-- ${changesOf(snapshots.value, snapshot)}`);
    excused ||= takesRoutes(snapshots.value, snapshot, named);
    oracle.configure(snapshot);
    snapshots.next(snapshot);
  };
  oracle.configure(snapshots.value);
  world.connect();
  // A client that has nothing yet has nothing to lose.
  pass(START_MS);
  for (const step of steps) {
    if (oracle.violations.length > 0) break;
    if (step.do === "publish") {
      current = step.edits.reduce(edited, current);
      publish();
    } else if (step.do === "wait") pass(step.ms);
    else if (step.do === "lag") lag = step.ms;
    else {
      // While a cluster changes to other endpoints that did not come yet, an Envoy hears of no further change of it on a new stream.
      for (let ms = 0; ms < BEHIND_MS && envoy.clusters.isRefeeding; ms += LOOK_MS) pass(LOOK_MS);
      if (envoy.clusters.isRefeeding) continue;
      say(`-- the stream is lost, ${world.unanswered} responses are not answered`);
      world.disconnect();
      pass(step.downMs);
      world.connect();
    }
  }
  current = repaired(current);
  publish();
  pass(QUIET_MS);
  const lost = oracle.violations.slice(0, 3);
  return { lost, missing: lost.length > 0 ? [] : differences(envoy, snapshots.value), trace };
}

function inShort(message: SimRequest | SimResponse): string {
  const { label } = resourceType(message.type);
  if ("resources" in message) {
    const { nonce, resources, removed } = message;
    const said = resources.map(({ name, facts }) => `+${name}${facts.bad === undefined ? "" : " (bad)"}`);
    return `  ${label} ${nonce}: ${[...said, ...removed.map((name) => `-${name}`)].join(" ")}`;
  }
  const { about, nonce, names, unsubscribe, error, initialVersions } = message;
  const wanted = [...names.map((name) => `+${name}`), ...unsubscribe.map((name) => `-${name}`)];
  const has = Object.keys(initialVersions).map((name) => `has ${name}`);
  const answer = nonce === "" ? about : `${error === undefined ? "ack" : "NACK"} ${nonce}`;
  return `                    ${label} ${[answer, ...wanted, ...has, error ?? ""].join(" ")}`;
}

/**
 * Whether routes go that clients are about to ask for: there is nothing to give them, as long as what takes the listener's place
 * waits. Notes when listeners begin to name routes.
 */
function takesRoutes(before: Snapshot, after: Snapshot, named: Map<string, number>): boolean {
  const now = performance.now();
  const isYoung = (name: string) => now - (named.get(name) ?? Number.NEGATIVE_INFINITY) < SETTLE_MS;
  const gone = (name: string) => before.get(typeUrls.routes, name) && !after.get(typeUrls.routes, name);
  const taken = [...named.keys()].some((name) => isYoung(name) && gone(name));
  for (const { name, version, references = [] } of after.list(typeUrls.listener)) {
    if (before.get(typeUrls.listener, name)?.version === version) continue;
    for (const { type, name: routes } of references) if (type === typeUrls.routes) named.set(routes, now);
  }
  return taken;
}

/** What is different, for people. */
function changesOf(before: Snapshot, after: Snapshot): string {
  const words: string[] = [];
  for (const type of new Set([...before.typeUrls, ...after.typeUrls])) {
    const { label } = resourceType(type);
    const to = (name: string) =>
      after
        .get(type, name)
        ?.references?.map((reference) => reference.name)
        .join(",");
    for (const { name, version } of after.list(type)) {
      if (before.get(type, name)?.version !== version) words.push(`${label} ${name} (${to(name) ?? ""})`);
    }
    for (const { name } of before.list(type)) if (after.get(type, name) === undefined) words.push(`${label} -${name}`);
  }
  return words.join(", ") || "nothing changes";
}
