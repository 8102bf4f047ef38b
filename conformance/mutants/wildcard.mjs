import { edit, mutant } from "./mutant.mjs";

const SOTW = "server/src/stream/sotw.ts";
const DELTA = "server/src/stream/delta.ts";
const LEGACY = "const legacy = first && subscribe.count === 0 && type.fullState;";

export const wildcard = [
  mutant(26, "SotW: no names are no wildcard", edit(SOTW, "type.fullState && (first || subscription.legacy)", "false")),
  mutant(26, "delta: no names are no wildcard", edit(DELTA, LEGACY, "const legacy = false;")),
  mutant(
    27,
    "an empty list is a wildcard whatever was before",
    edit(SOTW, "type.fullState && (first || subscription.legacy)", "type.fullState"),
  ),
  mutant(27, "delta: the first name is a wildcard too", edit(DELTA, LEGACY, "const legacy = first && type.fullState;")),
  mutant(28, "SotW: a star is no wildcard", edit(SOTW, 'asked.delete("*");', 'asked.delete("*") && false;')),
  mutant(
    28,
    "delta: a star is no wildcard",
    edit(DELTA, 'const star = wanted.delete("*");', 'const star = wanted.delete("*") && false;'),
  ),
  mutant(
    29,
    "a name ends the wildcard of delta",
    edit(
      DELTA,
      'const stays = subscription.wildcard && !unwanted.delete("*");',
      'const stays = subscription.wildcard && !unwanted.delete("*") && wanted.size === 0;',
    ),
  ),
  mutant(
    30,
    "unsubscribing beside a wildcard is not answered",
    edit(DELTA, "if (!stays && !star) continue;", "continue;"),
  ),
  mutant(
    31,
    "SotW: no names are a wildcard of every type",
    edit(SOTW, "type.fullState && (first || subscription.legacy)", "(first || subscription.legacy)"),
  ),
  mutant(
    31,
    "delta: no names are a wildcard of every type",
    edit(DELTA, LEGACY, "const legacy = first && subscribe.count === 0;"),
  ),
  mutant(
    32,
    "a wildcard outlives its stream",
    edit(
      DELTA,
      LEGACY,
      "const legacy = first && type.fullState && (subscribe.count === 0 || globalThis.wildcards);\nif (legacy) globalThis.wildcards = true;",
    ),
  ),
];
