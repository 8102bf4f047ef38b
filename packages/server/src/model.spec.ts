import { createStore, type Scope, type Snapshot, scoped } from "@rxds/core";
import fc from "fast-check";
import { merge, ReplaySubject, Subject } from "rxjs";
import { describe, expect, test } from "vitest";
import { histories } from "../spec-support/histories.js";
import type { History } from "../spec-support/history.js";
import { knownHistories } from "../spec-support/known-histories.js";
import { rejectedHistories } from "../spec-support/known-rejections.js";
import { createMemoryWorld } from "../spec-support/memory-world.js";
import { play } from "../spec-support/play.js";

/** Plays a history against a server of its own, in memory. */
async function replay(history: History): Promise<void> {
  const good$ = new ReplaySubject<Snapshot>(1);
  const bad$ = new Subject<Snapshot>();
  const snapshot$ = merge(good$, bad$);
  const store = createStore();
  const scopes = { x: new ReplaySubject<Scope>(1), y: new ReplaySubject<Scope>(1) };
  const base = history.base === "store" ? store : snapshot$;
  const source = (key: string) => (key === "x" || key === "y" ? scoped(base, scopes[key]) : base);
  using world = createMemoryWorld(source, history);
  await play(history, world, {
    publish(snapshot) {
      if (history.base === "store") store.replace(snapshot);
      else good$.next(snapshot);
    },
    publishInvalid(snapshot) {
      if (history.base === "store") store.replace(snapshot);
      else bad$.next(snapshot);
    },
    scope: (key, scope) => scopes[key as "x" | "y"].next(scope),
  });
  world.close();
}

const numRuns = process.env.RXDS_LONG ? 300_000 : 1_000;

/*
 * Mutations of `stream/` that were tried by hand to see that these tests notice. Noticed by random histories of the normal run,
 * unless marked with * (by a known history).
 *
 * - isHeld: always false; by name, for good, whatever the content
 * - isPreceded: never; removalsWait: never; *not for the endpoints of removed clusters
 * - suspectsOf: also what has changed since*; also what was accepted before
 * - reject: what was not to blame does not go again; nothing is searched for; all goes again together instead of alone, as a whole
 *   instead of by halves; what was asked for anew meanwhile is kept*; rejected removals do not go again*
 * - owe: does not end the quarantine; what changed stays on trial
 * - acknowledge: does not vindicate*; a NACK is an ACK
 * - full states: no last good version; nothing follows the one with what is gone*; dropped names stay accepted*
 * - feedEndpoints: never*; not for clusters that go again*; rewatch: never
 * - delta: a first wildcard is not answered; versions held at a reconnect are ignored; what is gone then is not told; an
 *   unsubscription below a wildcard is not answered; a removal is told although the name came back; postponed removals are
 *   forgotten; the rest of a large response is forgotten
 * - state of the world: stale nonces count; the wildcard of old survives names
 * - streams: garbage is overlooked; one that is over stays with the server
 */

describe("each client ends with exactly what it asked for of the last good snapshot", () => {
  // A counterexample is a history as plain data: it can be given to `replay` as it is printed.
  test("after any history", { timeout: process.env.RXDS_LONG ? 3_600_000 : 60_000 }, async () => {
    let played = 0;
    const property = fc.asyncProperty(histories(40), async (history) => {
      await replay(history);
      played++;
    });
    await fc.assert(property, { numRuns });
    expect(played).toBe(numRuns);
  });

  test.each(Object.entries({ ...knownHistories, ...rejectedHistories }))("after %s", async (_, history) => {
    await expect(replay(history)).resolves.toBeUndefined();
  });
});
