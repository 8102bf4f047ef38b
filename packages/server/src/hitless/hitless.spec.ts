import { typeUrls } from "@rxds/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { apart } from "../../spec-support/apart.js";
import { knownLiveHistories } from "../../spec-support/sim/known-live-histories.js";
import { type LiveHistory, liveHistories } from "../../spec-support/sim/live-history.js";
import { playLive } from "../../spec-support/sim/play-live.js";

const numRuns = process.env.RXDS_LONG ? 100_000 : 400;

/** Plays a history; when it fails, all that was said is part of the message. */
function replay(history: LiveHistory, serve?: Parameters<typeof playLive>[2]): void {
  const { lost, missing, trace } = playLive(history, undefined, serve);
  expect({ lost, missing }, trace.join("\n")).toEqual({ lost: [], missing: [] });
}

/*
 * Mistakes that were made by hand to see that these tests notice. Noticed by random histories within the first 600 of them, unless
 * marked with * (by a known history).
 *
 * - hitless: false; gatesOf: nothing; mayDrop: always; lacksEndpoints: never; clustersAccepted: not called
 * - handsOver: never; newRoutes: none*; noteUnfed: never*; FormerReferences: retries of the last version only*
 * - drop: isWarming: never*; routes that come back are as good as new*; what a full state of
 *   before holds is not looked at*; a client that came back has said all at once*
 * - send: *what was held back or rejected before is not looked at when its successor is under way
 * - full states: what is gone is taken from what was accepted last, not from what is under way
 * - reject: the only suspect is the culprit although the words name another*; *although what else was in the response has changed
 * - drop: *a listener that is gone and was not taken from the client
 * - reject: *a removal beside what has changed since does not go again
 * - resume: *clusters that warm are not awaited; *no endpoints at all are no sign; *what was not answered is not new
 * - delta: endpoints that are gone are said to be while clusters stay that ask for them*
 */

describe("a server and a simulated Envoy, whatever happens to them", () => {
  // A counterexample is a history as plain data: it can be given to `replay` as it is printed.
  test("lose no request and come to the last snapshot, in any history", {
    timeout: process.env.RXDS_LONG ? 3_600_000 : 60_000,
  }, () => {
    fc.assert(
      fc.property(liveHistories(10), (history) => replay(history)),
      { numRuns },
    );
  });

  test.each(Object.entries(knownLiveHistories))("lose no request when %s", (_, history) => replay(history));

  const { cluster, endpoints, listener, routes, secret } = typeUrls;
  test.each([
    ["routes", [routes], [cluster, endpoints, listener, secret]],
    ["clusters", [cluster, secret], [endpoints, listener, routes]],
  ] as const)("lose no request when the %s are the view's own", { timeout: 60_000 }, (_, own, shared) => {
    const serve: Parameters<typeof playLive>[2] = (snapshots) => apart(snapshots, own, shared);
    fc.assert(
      fc.property(liveHistories(10), (history) => replay(history, serve)),
      { numRuns: process.env.RXDS_LONG ? numRuns : 100 },
    );
    for (const history of Object.values(knownLiveHistories)) replay(history, serve);
  });

  test("would lose requests if changes were pushed in plain order", () => {
    const { failed, errorInstance } = fc.check(
      fc.property(liveHistories(10), (history) => {
        const { lost } = playLive(history, false);
        if (lost.length > 0) throw new Error(lost[0]);
      }),
      { numRuns, endOnFailure: true },
    );
    expect(failed).toBe(true);
    expect(String(errorInstance)).toMatch(/leads requests to \w+, which is not (there|ready)/);
  });
});
