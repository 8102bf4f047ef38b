import { contentOf, type Push } from "./pushes.js";
import type { Expectation, Shares } from "./step.js";
import { type Counts, total } from "./traffic.js";

/** What came of a step. */
export interface Outcome {
  readonly diff: readonly string[];
  readonly pushes: readonly Push[];
  /** Who answered the requests for a path. */
  readonly traffic: Readonly<Record<string, Counts>>;
}

/** By how many percent points a share may be off where requests are spread: five standard deviations of 1000 at one half. */
const TOLERANCE = 8;

/** What is not as expected: one line for each thing, with what was expected and what was seen. Empty: all is well. */
export function verify(expected: Expectation, { diff, pushes, traffic }: Outcome): string[] {
  return [
    ...verifyList("the diff", expected.diff, diff),
    ...verifyList("pushed", expected.pushed, pushes.flatMap(contentOf)),
    ...pushes
      .filter(({ answer }) => answer !== "ACK")
      .map((push) => `${contentOf(push).join(", ")}: expected ACK, seen ${push.answer}`),
    ...verifyTraffic(expected, traffic),
  ];
}

/** As {@link verify}, for the requests alone. */
export function verifyTraffic(expected: Expectation, traffic: Outcome["traffic"]): string[] {
  return Object.entries(expected.traffic).flatMap(([path, shares]) => verifyShares(path, shares, traffic[path] ?? {}));
}

function verifyList(what: string, expected: readonly string[], seen: readonly string[]): string[] {
  const text = (list: readonly string[]) => [...list].sort().join(", ") || "nothing";
  return text(expected) === text(seen) ? [] : [`${what}: expected ${text(expected)}; seen ${text(seen)}`];
}

function verifyShares(path: string, shares: Shares, counts: Counts): string[] {
  const expected: ReadonlyMap<string, number> = new Map(Object.entries(shares));
  const all = total(counts);
  const isSpread = expected.size > 1;
  const right = [...new Set([...expected.keys(), ...Object.keys(counts)])].every((name) => {
    const off = Math.abs((100 * (counts[name] ?? 0)) / all - (expected.get(name) ?? 0));
    return off <= (isSpread && expected.has(name) ? TOLERANCE : 0);
  });
  if (right && all > 0) return [];
  const wanted = [...expected].map(([name, share]) => `${name} ${share} %`).join(", ");
  const seen = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  return [
    `GET ${path}: expected ${wanted}${isSpread ? ` (within ${TOLERANCE} points)` : ""}; seen ${seen.join(", ") || "no answer"}`,
  ];
}
