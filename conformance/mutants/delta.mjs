import { edit, mutant } from "./mutant.mjs";

const DELTA = "server/src/stream/delta.ts";
const RESUME = "server/src/stream/resume.ts";
const NEXT = "server/src/stream/next-delta.ts";
const RESOURCE = "server/src/wire/resource.ts";
const BACKLOG = "server/src/stream/backlog.ts";
const RESUBSCRIBE = "const subscribed = resubscribe(subscription, request, first);";

export const delta = [
  mutant(
    33,
    "a stale nonce keeps names from counting",
    edit(
      DELTA,
      RESUBSCRIBE,
      'const stale = request.nonce !== "" && request.nonce !== subscription.nonce;\n' +
        "const subscribed = stale ? [] : resubscribe(subscription, request, first);",
    ),
  ),
  mutant(
    34,
    "an answer has no names",
    edit(
      DELTA,
      RESUBSCRIBE,
      'const subscribed = request.nonce !== "" ? [] : resubscribe(subscription, request, first);',
    ),
  ),
  mutant(
    35,
    "a request without a nonce accepts the newest response",
    edit(
      DELTA,
      'if (request.nonce !== "") answer(subscription, request);',
      'answer(subscription, request.nonce !== "" ? request : { ...request, nonce: subscription.nonce });',
    ),
  ),
  mutant(
    36,
    "names that are subscribed to already are not sent",
    edit(
      DELTA,
      "const asked = [...wanted].map((name) => index.table.idOf(name)!);",
      "const asked = [...wanted].map((name) => index.table.idOf(name)!).filter((id) => !names.members.has(id));",
    ),
  ),
  mutant(
    37,
    "nothing is said of names that do not exist",
    edit(NEXT, 'if (type.missing === "removed") removals.push(...unknown);', ""),
  ),
  mutant(
    37,
    "a missing secret is told as removed",
    edit("core/src/types/builtin.ts", 'missing: "silent",', 'missing: "removed",'),
  ),
  mutant(
    38,
    "an unsubscription is answered",
    edit(
      DELTA,
      "const less = new Set<number>();",
      "const less = new Set<number>();\nif (unwanted.size > 0) subscription.mustAnswer = true;",
    ),
  ),
  mutant(
    39,
    "all resources have one version",
    edit(RESOURCE, "writeString(into, at, 1, version,", 'writeString(into, at, 1, "v".repeat(version.length),'),
  ),
  mutant(
    40,
    "what a client holds is not looked at",
    edit(RESUME, "if (held.size > 0) compare(subscription, held, doubts);", "if (false) {}"),
  ),
  mutant(
    40,
    "what vanished is not told",
    edit(RESUME, "if (mayLose(subscription, id)) gone.push(index.table.retain(name));", ";"),
  ),
  mutant(
    41,
    "what is held is sent again when it is named",
    edit(DELTA, "else if (!first) for (const id of meant)", "else for (const id of meant)"),
  ),
  mutant(
    42,
    "names outlive their stream",
    edit(
      DELTA,
      "const wanted = new Set(subscribe.names());",
      "const wanted = new Set([...subscribe.names(), ...((first && globalThis.kept) || [])]);\nif (first) globalThis.kept = wanted;",
    ),
  ),
  mutant(
    43,
    "a wildcard without resources is not answered",
    edit(DELTA, "if (subscription.wildcard) subscription.mustAnswer = true;", ""),
  ),
  mutant(44, "nothing is split", edit(BACKLOG, "if (part.length > 0 && bytes + size > most) {", "if (false) {")),
  mutant(
    44,
    "parts are lost",
    edit("server/src/stream/send.ts", "next: backlog!.next + 1 };", "next: backlog!.next + 2 };"),
  ),
  mutant(
    45,
    "an answer is for the oldest response",
    edit(
      DELTA,
      "const at = subscription.flights.findIndex((flight) => flight.nonce === request.nonce);",
      "const at = subscription.flights.length > 0 ? 0 : -1;",
    ),
  ),
  mutant(
    45,
    "an answer is for the newest response",
    edit(
      DELTA,
      "const at = subscription.flights.findIndex((flight) => flight.nonce === request.nonce);",
      "const at = subscription.flights.length - 1;",
    ),
  ),
  mutant(
    46,
    "aliases are not known",
    edit(
      "core/src/resource/create-resource.ts",
      "aliases: aliases.length > 0 ? aliases : undefined,",
      "aliases: undefined,",
    ),
  ),
  mutant(
    46,
    "only the name that was subscribed to can be unsubscribed from",
    edit(DELTA, "if (names.lists(id)) return [id];", "return names.lists(id) ? [id] : [];"),
  ),
];
