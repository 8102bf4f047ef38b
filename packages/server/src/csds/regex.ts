import { RE2JS } from "re2js";

/** The longest expression. */
const LONGEST = 256;
/** The sum of all counts in it, `{n}` or `{n,m}`: repetitions are written out when it is compiled. */
const MOST_REPEATED = 256;
/** Longer texts do not fit any expression. */
const LONGEST_TEXT = 512;

/**
 * Whether an RE2 expression fits the whole of a text. Its time is in proportion to both, whatever it says; what would make it
 * long to compile is refused.
 * @throws Error when it is no such expression, or too large; the message says why.
 */
export function regexTest(regex: string): (text: string) => boolean {
  if (regex.length > LONGEST) throw new Error(`it is longer than ${LONGEST} characters`);
  if (/\)\{\d/.test(regex)) throw new Error("a group can't be repeated by a count here");
  let repeated = 0;
  for (const [, from, to] of regex.matchAll(/\{(\d+)(?:,(\d*))?\}/g))
    repeated += Math.max(Number(from), Number(to ?? 0));
  if (repeated > MOST_REPEATED) throw new Error(`its counts add up to more than ${MOST_REPEATED}`);
  const pattern = RE2JS.compile(regex);
  return (text) => text.length <= LONGEST_TEXT && pattern.matches(text);
}
