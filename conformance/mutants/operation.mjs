import { edit, mutant } from "./mutant.mjs";

const LIMITS = "server/src/limits/limits.ts";
const SEND = "server/src/stream/send.ts";

export const operation = [
  mutant(73, "requests may have 4 MB", edit(LIMITS, "requestBytes: 64 << 20,", "requestBytes: 4 << 20,")),
  mutant(
    74,
    "nothing waits for a slow reader",
    edit(SEND, "stream.unsent > MOST_UNSENT || isPreceded", "isPreceded"),
    edit("server/src/fanout/send-loop.ts", "export const OVERTAKE_MS = 100;", "export const OVERTAKE_MS = 0;"),
  ),
  mutant(76, "few streams a connection", edit(LIMITS, "streamsPerConnection: 1000,", "streamsPerConnection: 100,")),
  mutant(
    77,
    "what is equal counts as changed",
    edit(
      "core/src/snapshot/diff.ts",
      "nameMapOf(after, type), sameResource, visitor);",
      "nameMapOf(after, type), () => false, visitor);",
    ),
  ),
  mutant(
    77,
    "a client that half-closes is kept",
    edit("server/src/grpc/xds-services.ts", "    stream.over();\n    call.end();\n", ""),
  ),
];
