import { edit, mutant } from "./mutant.mjs";

const SEND = "server/src/stream/send.ts";
const UNBLOCKED = "if (!SWITCHING.has(type.typeUrl)) return false;";

export const order = [
  mutant(47, "clusters go last", edit("core/src/types/cluster.ts", "rank: 10,", "rank: 90,")),
  mutant(48, "routes go first", edit("core/src/types/route.ts", "rank: 40,", "rank: 4,")),
  mutant(
    49,
    "changed clusters do not bring their endpoints",
    edit(SEND, "feed(subscription, from, content.upserts);\n  stream", ";\n  stream"),
  ),
  mutant(
    50,
    "endpoints wait until clusters are accepted",
    edit(
      SEND,
      UNBLOCKED,
      `if (type.typeUrl === typeUrls.endpoints && stream.subscriptions.get(typeUrls.cluster)?.flights.length) return true;\n${UNBLOCKED}`,
    ),
  ),
  mutant(
    51,
    "routes wait until listeners are accepted",
    edit(
      SEND,
      UNBLOCKED,
      `if (type.typeUrl === typeUrls.routes && stream.subscriptions.get(typeUrls.listener)?.flights.length) return true;\n${UNBLOCKED}`,
    ),
  ),
  mutant(
    52,
    "endpoints are looked for under the cluster's name",
    edit("core/src/types/cluster.ts", "name: service || cluster.name,", "name: cluster.name,"),
  ),
  mutant(
    53,
    "every change is a response",
    edit(SEND, "if (full || performance.now() - last.at < OVERTAKE_MS) return 0;", "if (full) return 0;"),
  ),
];
