// A process of its own with many delta streams over bare HTTP/2: they acknowledge what they get and keep nothing.
// Usage: node streams.js ADDRESS CONNECTIONS STREAMS-OF-EACH SUBSCRIPTIONS(JSON: { typeUrl: [names] })
// Tells its parent how many responses of each type came, whenever all streams have got one more.
import { connect } from "node:http2";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";

const [address = "", connections = "", each = "", subscriptions = "{}"] = process.argv.slice(2);
const all = Number(connections) * Number(each);
/** @type {Record<string, string[]>} */
const wanted = JSON.parse(subscriptions);

const HEAD = 5;

/** A request in gRPC's frame. @param {import("@bufbuild/protobuf").MessageInitShape<typeof DeltaDiscoveryRequestSchema>} init */
function frame(init) {
  const bytes = toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, init));
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** Responses so far, by type. @type {Map<string, number>} */
const counts = new Map();

/** @param {import("node:http2").ClientHttp2Stream} stream @param {Buffer} bytes */
function received(stream, bytes) {
  const { typeUrl, nonce } = fromBinary(DeltaDiscoveryResponseSchema, bytes);
  stream.write(frame({ typeUrl, responseNonce: nonce }));
  const count = (counts.get(typeUrl) ?? 0) + 1;
  counts.set(typeUrl, count);
  if (count % all === 0) process.send?.({ typeUrl, count });
}

/** Puts the parts of messages together. @param {import("node:http2").ClientHttp2Stream} stream */
function read(stream) {
  /** @type {Buffer} */
  let rest = Buffer.alloc(0);
  stream.on("data", (/** @type {Buffer} */ chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= HEAD && rest.length >= HEAD + rest.readUInt32BE(1)) {
      const end = HEAD + rest.readUInt32BE(1);
      received(stream, rest.subarray(HEAD, end));
      rest = rest.subarray(end);
    }
  });
}

for (let c = 0; c < Number(connections); c++) {
  const session = connect(`http://${address}`);
  for (let s = 0; s < Number(each); s++) {
    const stream = session.request({
      ":method": "POST",
      ":path": "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
      "content-type": "application/grpc",
      te: "trailers",
    });
    read(stream);
    for (const [n, [typeUrl, resourceNamesSubscribe]] of Object.entries(wanted).entries()) {
      const node = n === 0 ? { node: { id: `node-${process.pid}-${c}-${s}`, cluster: "bench" } } : {};
      stream.write(frame({ ...node, typeUrl, resourceNamesSubscribe }));
    }
  }
  // Connections one after the other: the line of those that wait to be accepted is short.
  await new Promise((resolve) => session.once("remoteSettings", resolve));
}
process.on("disconnect", () => process.exit(0));
