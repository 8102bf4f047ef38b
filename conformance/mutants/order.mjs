import { edit, mutant } from "./mutant.mjs";

const SEND = "server/src/stream/send.ts";
const ORDER = "server/src/stream/order.ts";
const UNBLOCKED = "if (!isSwitching(type.typeUrl)) return false;";

export const order = [
  mutant(47, "clusters go last", edit("core/src/types/cluster.ts", "rank: 10,", "rank: 90,")),
  mutant(
    47,
    "delta removals go with the changes of their type",
    edit(
      "server/src/stream/next-delta.ts",
      '(mayRemove(set.table.nameOf(id) ?? "") ? said.gone : said.late).push(id);',
      "said.gone.push(id);",
    ),
  ),
  mutant(
    47,
    "the state of the world leaves out at once what is gone",
    edit("server/src/stream/next-full.ts", "...all.filter(({ name }) => !stays.has(name) && !mayRemove(name)), ", ""),
  ),
  mutant(48, "routes go first", edit("core/src/types/route.ts", "rank: 40,", "rank: 4,")),
  mutant(
    49,
    "changed clusters do not bring their endpoints",
    edit(SEND, "if (type.typeUrl === typeUrls.cluster) feedEndpoints(subscription, from, content, tried);", ""),
  ),
  mutant(
    50,
    "endpoints wait until clusters are accepted",
    edit(
      ORDER,
      UNBLOCKED,
      `if (type.typeUrl === typeUrls.endpoints && stream.subscriptions.get(typeUrls.cluster)?.flights.length) return true;\n${UNBLOCKED}`,
    ),
  ),
  mutant(
    51,
    "routes wait until listeners are accepted",
    edit(
      ORDER,
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
    edit("server/src/fanout/send-loop.ts", "export const OVERTAKE_MS = 100;", "export const OVERTAKE_MS = 0;"),
  ),
  mutant(
    54,
    "the removal of an extension goes before the listener that lets go of it",
    edit(ORDER, "typeUrls.endpoints, typeUrls.extensionConfig]);", "typeUrls.endpoints]);"),
  ),
];
