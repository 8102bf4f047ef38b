import { expect, test } from "vitest";
import { run } from "./run.js";

/** Kinds of transition that take a cluster or a route away. */
const REMOVING = [
  "cluster renamed",
  "route removed",
  "weights moved",
  "route configuration replaced",
  "second listener",
  "endpoints late",
  "rejection",
  "restart",
  "quick succession",
];

/** What one kind breaks is not to be counted for another: no connection rests for longer. */
const REST_MS = 750;
/** No kind takes a tenth of it until a request fails. */
const MOST_OF_A_KIND = 60;

test.each(["delta", "sotw"] as const)(
  "plain pushing loses requests with each kind that takes a cluster or a route away (%s)",
  { timeout: 10 * 60_000 },
  async (mode) => {
    const said: string[] = [];
    const report = await run({
      mode,
      transitions: MOST_OF_A_KIND * REMOVING.length,
      kinds: REMOVING,
      seed: 1,
      hitless: false,
      restMs: REST_MS,
      untilFailed: true,
      say: (line) => said.push(line),
    });
    const failed = Object.entries(report.kinds).filter(([, kind]) => kind.failed > 0);
    expect(failed.map(([name]) => name).sort(), said.join("\n")).toEqual([...REMOVING].sort());
    expect(report.requests).toBeGreaterThan(2 * report.failed);
    // Each is told with what was sent around then.
    expect(said.join("\n")).toMatch(/cluster_not_found.*\n.*right: (plain|tls)-\d/);
  },
);
