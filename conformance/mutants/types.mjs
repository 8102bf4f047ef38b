import { edit, mutant } from "./mutant.mjs";

const BUILTIN = "core/src/types/builtin.ts";

export const types = [
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
    59,
    "nothing is said of a cluster that does not exist",
    edit(
      "server/src/stream/content.ts",
      'else if (type.missing !== "silent") removals.push(id);',
      'else if (type.missing !== "silent" && type.label !== "CDS") removals.push(id);',
    ),
  ),
  mutant(
    60,
    "the removal of an extension is not told",
    edit(BUILTIN, 'label: "ECDS", rank: 28 }', 'label: "ECDS", rank: 28, missing: "silent" }'),
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
    68,
    "what a client names later waits for a change",
    edit("server/src/stream/sotw.ts", "owe(subscription, added);\n  return true;", "return true;"),
  ),
];
