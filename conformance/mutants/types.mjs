import { edit, mutant } from "./mutant.mjs";

// Not a template here: it is the text of one.
const COLLECTION = ["return canonicalName(`$", "{path.slice(0, end)}/*$", "{context}`);"].join("");
const RESOURCE = "server/src/wire/resource.ts";
const BUILTIN = "core/src/types/builtin.ts";

export const types = [
  mutant(
    55,
    "no time to live is told",
    edit(
      "server/src/wire/response.ts",
      "(ttl || resource.ttl === undefined ? resource : withoutTtl(resource))",
      "withoutTtl(resource)",
    ),
  ),
  mutant(
    55,
    "times to live are told to everybody",
    edit(
      "server/src/wire/node.ts",
      "return clientFeatures.some((feature) => TTL_FEATURES.has(feature));",
      "return true;",
    ),
  ),
  mutant(
    56,
    "there are no heartbeats",
    edit("server/src/stream/subscription.ts", "if (!this.stream.takesTtl) return;", "return;"),
  ),
  mutant(
    56,
    "heartbeats have another version",
    edit(
      RESOURCE,
      "return { name, version, body: undefined, aliases: undefined, ttl };",
      'return { name, version: "heartbeat", body: undefined, aliases: undefined, ttl };',
    ),
  ),
  mutant(
    57,
    "gRPC's name of the feature is not known",
    edit("server/src/wire/node.ts", '  "xds.config.resource-in-sotw",\n', ""),
  ),
  mutant(
    57,
    "everything is wrapped for clients that take it",
    edit("server/src/wire/response.ts", "(ttl && resource.ttl !== undefined ? wrap", "(ttl ? wrap"),
  ),
  mutant(
    58,
    "VHDS has no service",
    edit(
      "server/src/grpc/services.ts",
      '  ["envoy.service.route.v3.VirtualHostDiscoveryService", typeUrls.virtualHost],\n',
      "",
    ),
  ),
  mutant(
    58,
    "an unknown host is told as removed",
    edit("core/src/types/route.ts", 'missing: "bodiless",', 'missing: "removed",'),
  ),
  mutant(58, "an unknown host has no alias", edit(RESOURCE, "aliases: [name],", "aliases: undefined,")),
  mutant(
    58,
    "hosts do not go again with their route configuration",
    edit(
      "server/src/stream/send.ts",
      'stream.protocol === "delta") feedHosts(subscription, content);',
      "false) feedHosts();",
    ),
  ),
  mutant(
    59,
    "nothing is said of a cluster that does not exist",
    edit(
      "server/src/stream/next-delta.ts",
      'if (type.missing === "removed") removals.push(...unknown);',
      'if (type.missing === "removed" && type.label !== "CDS") removals.push(...unknown);',
    ),
  ),
  mutant(
    60,
    "the removal of an extension is not told",
    edit(BUILTIN, 'label: "ECDS",', 'label: "ECDS", missing: "silent",'),
  ),
  mutant(
    61,
    "content under the same name has the same version",
    edit(
      "core/src/resource/create-resource.ts",
      "version: contentVersion(body),",
      "version: contentVersion(Buffer.from(name)),",
    ),
  ),
  mutant(
    62,
    "a response with scopes holds only what changed",
    edit("core/src/types/route.ts", "rank: 35,\n  fullState: true,", "rank: 35,"),
  ),
  mutant(
    63,
    "the order of parameters matters",
    edit("core/src/resource/xdstp.ts", 'context.slice(1).split("&").sort();', 'context.slice(1).split("&");'),
  ),
  mutant(63, "globs are names like others", edit("core/src/resource/xdstp.ts", COLLECTION, "return undefined;")),
  mutant(
    66,
    "all clusters are asked of everybody",
    edit(
      "server/src/lrs/response.ts",
      'const sendAllClusters = wanted === "all" && node.clientFeatures.includes(SENDS_ALL);',
      'const sendAllClusters = wanted === "all";',
    ),
  ),
  mutant(
    66,
    "no interval is said",
    edit("server/src/lrs/response.ts", "loadReportingInterval: durationFromMs(intervalMs),", ""),
  ),
  mutant(
    67,
    "what is open counts as accepted",
    edit(
      "server/src/csds/resource-status.ts",
      'return as(isInFlight(subscription, id, changedAt, isIn) ? "STALE" : "SYNCED");',
      'return as("SYNCED");',
    ),
  ),
  mutant(
    67,
    "what was rejected counts as accepted",
    edit("server/src/csds/resource-status.ts", "if (quarantined?.changedAt === changedAt) {", "if (false) {"),
  ),
  mutant(
    68,
    "what a client names later waits for a change",
    edit("server/src/stream/sotw.ts", "for (const id of meant) subscription.owe(id);\n    if (meant", "if (meant"),
  ),
];
