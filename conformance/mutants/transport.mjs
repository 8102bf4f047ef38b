import { edit, mutant } from "./mutant.mjs";

const SERVICES = "server/src/grpc/services.ts";
const XDS_SERVICES = "server/src/grpc/xds-services.ts";
const STREAM = "server/src/stream/stream.ts";
const RESPONSE = "server/src/wire/response.ts";

export const transport = [
  mutant(
    1,
    "SDS has no service",
    edit(SERVICES, '  ["envoy.service.secret.v3.SecretDiscoveryService", typeUrls.secret],\n', ""),
  ),
  mutant(
    1,
    "the state of the world has no service",
    edit(XDS_SERVICES, "if (responseStream) found[name]", 'if (responseStream && protocol === "delta") found[name]'),
  ),
  mutant(
    2,
    "every request must carry the node",
    edit(
      STREAM,
      "const typeUrl = request.typeUrl || this.typeUrl;",
      'const typeUrl = request.typeUrl || this.typeUrl;\nif (request.node === undefined) throw new WireError("no node");',
    ),
  ),
  mutant(
    3,
    "all types of a stream are one",
    edit(
      "server/src/stream/answer.ts",
      "const known = stream.subscriptions.get(typeUrl);",
      "const known = stream.subscriptions.values().next().value;",
    ),
  ),
  mutant(
    4,
    "an aggregated stream may leave the type out",
    edit(
      STREAM,
      "const typeUrl = request.typeUrl || this.typeUrl;",
      'const typeUrl = request.typeUrl || this.typeUrl || "type.googleapis.com/envoy.config.cluster.v3.Cluster";',
    ),
  ),
  mutant(
    4,
    "a stream of one type must say it",
    edit(STREAM, "const typeUrl = request.typeUrl || this.typeUrl;", "const typeUrl = request.typeUrl || undefined;"),
  ),
  mutant(
    4,
    "a stream of one type takes others",
    edit(STREAM, "if (this.typeUrl !== undefined && typeUrl !== this.typeUrl) {", "if (false) {"),
  ),
  mutant(
    5,
    "delta responses have no type",
    edit(RESPONSE, "  });\n  at = writeString(buffer, at, 4, typeUrl, Buffer.byteLength(typeUrl));", "  });"),
  ),
  mutant(
    5,
    "responses of the state of the world have no type",
    edit(RESPONSE, "2, body);\n  at = writeString(buffer, at, 4, typeUrl, Buffer.byteLength(typeUrl));", "2, body);"),
  ),
  mutant(
    6,
    "every resource is there twice",
    edit(
      "server/src/stream/next-delta.ts",
      "(waits ? said.gated : said.upserts).push(id);",
      "said.upserts.push(id, id);",
    ),
  ),
  mutant(7, "all responses have one nonce", edit(STREAM, "return (++this.#nonces).toString(36);", 'return "1";')),
  mutant(
    8,
    "an unknown type ends the stream",
    edit(
      STREAM,
      "if (!this.subscriptions.has(typeUrl) && this.subscriptions.size >= MOST_TYPES) {",
      'if (!typeUrl.startsWith("type.googleapis.com/envoy.")) {',
    ),
  ),
];
