import { edit, mutant } from "./mutant.mjs";

const SOTW = "server/src/stream/sotw.ts";
const FULL = "server/src/stream/next-full.ts";
const REJECT = "server/src/stream/reject.ts";
const ANSWER = "server/src/stream/answer.ts";
const OWE = "for (const id of meant) subscription.owe(id);\n    if (meant";
const SILENT = "if (silent && !subscription.mustAnswer) return NOTHING;";
const ACCEPT =
  "if (request.error === undefined) acknowledge(subscription, flight);\n    else reject(subscription, flight, request.error);";

export const sotw = [
  mutant(
    9,
    "whatever has a version is believed to hold everything",
    edit(SOTW, "if (request.version === version && subscription.wildcard) {", 'if (request.version !== "") {'),
  ),
  mutant(10, "stale nonces count", edit(SOTW, "if (request.nonce !== subscription.nonce) {", "if (false) {")),
  mutant(
    11,
    "a rejection with a version is an ACK",
    edit(SOTW, ACCEPT, ACCEPT.replace("undefined)", 'undefined || request.version !== "")')),
  ),
  mutant(
    11,
    "an ACK without a version is a rejection",
    edit(
      SOTW,
      ACCEPT,
      ACCEPT.replace("undefined)", 'undefined && request.version !== "")').replace(
        "request.error);",
        'request.error ?? { code: 13, message: "" });',
      ),
    ),
  ),
  mutant(
    12,
    "names beside an error do not count",
    edit(
      SOTW,
      "const renamed = rename(subscription, request.resourceNames, false);",
      "const renamed = request.error === undefined && rename(subscription, request.resourceNames, false);",
    ),
  ),
  mutant(
    13,
    "what is rejected is sent again at once",
    edit(
      REJECT,
      "for (const id of culprits.filter(again)) quarantine(subscription, id);",
      "for (const id of culprits.filter(again)) subscription.owe(id);",
    ),
  ),
  mutant(
    13,
    "the rest of a rejected response is forgotten",
    edit(REJECT, "subscription.tryAgain([[...others, ...gone]], flight.to);", ";"),
  ),
  mutant(13, "the culprit goes again with the rest", edit(REJECT, "[[...others, ...gone]]", "[[...upserts, ...gone]]")),
  mutant(
    13,
    "nobody searches for a culprit that was not named",
    edit(REJECT, "else subscription.tryAgain([...others.map((id) => [id]), removals], flight.to);", "else ;"),
  ),
  mutant(13, "a rejected cluster is left out", edit(FULL, "    resources.push(good);\n", "")),
  mutant(
    14,
    "an old version is answered",
    edit(
      SOTW,
      "subscription.flights = [];",
      "subscription.flights = [];\nif (request.version !== flight.content.version) subscription.mustAnswer = true;",
    ),
  ),
  mutant(
    15,
    "the version never changes",
    edit("core/src/resource/version.ts", 'return bytes.toString("base64url", 0, 16);', 'return "constant";'),
  ),
  mutant(
    16,
    "names are added to those before",
    edit(
      SOTW,
      'const star = asked.delete("*");',
      'before?.members.each((id) => asked.add(index.table.nameOf(id)!));\nconst star = asked.delete("*");',
    ),
  ),
  mutant(17, "added names wait for a change", edit(SOTW, OWE, "if (meant")),
  mutant(
    18,
    "dropping a name is answered",
    edit(
      SOTW,
      "const left = newIds(before, names);",
      "const left = newIds(before, names);\nif (left.length > 0) subscription.mustAnswer = true;",
    ),
  ),
  mutant(
    19,
    "CDS and LDS responses hold only what changed",
    edit(FULL, "const upserts = set.current();", "const upserts = set.changesSince(subscription.cursor).upserts;"),
  ),
  mutant(
    20,
    "a removal of endpoints is a response",
    edit("core/src/types/endpoints.ts", "  rank: 20,\n", "  rank: 20,\n  fullState: true,\n"),
  ),
  mutant(21, "names that do not exist get an empty answer", edit(FULL, SILENT, "")),
  mutant(
    22,
    "a wildcard without resources is not answered",
    edit(FULL, SILENT, "if (upserts.length === 0 && holdsNothing) return NOTHING;"),
  ),
  mutant(
    23,
    "the version of a first request is not looked at",
    edit(SOTW, "if (request.version === version && subscription.wildcard) {", "if (false) {"),
  ),
  mutant(
    24,
    "a repeated request is not answered",
    edit(SOTW, "!subscription.type.fullState) rewatch(subscription);", "false) rewatch(subscription);"),
  ),
  mutant(
    25,
    "everything is sent to everybody",
    edit(ANSWER, "subscription.moveTo(wildcard ? everything : names!);", "subscription.moveTo(everything);"),
  ),
];
