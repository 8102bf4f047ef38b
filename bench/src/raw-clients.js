// A worker thread with raw delta clients, each on a connection of its own: they acknowledge what they get and keep nothing.
import { parentPort, workerData } from "node:worker_threads";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, credentials } from "@grpc/grpc-js";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { bytesService } from "@rxds/envoy-api/services";

/** @type {{ address: string, streams: number, subscriptions: { typeUrl: string, names: string[] }[] }} */
const { address, streams, subscriptions } = workerData;

const method = bytesService("envoy.service.discovery.v3.AggregatedDiscoveryService").DeltaAggregatedResources;
if (method === undefined) throw new Error("the aggregated service has no DeltaAggregatedResources");
const { path, requestSerialize, responseDeserialize } = method;

/** @param {import("@bufbuild/protobuf").MessageInitShape<typeof DeltaDiscoveryRequestSchema>} init */
const request = (init) => Buffer.from(toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, init)));

for (let i = 0; i < streams; i++) {
  const client = new Client(address, credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.max_receive_message_length": -1,
  });
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  call.on("data", (/** @type {Buffer} */ bytes) => {
    const { typeUrl, nonce } = fromBinary(DeltaDiscoveryResponseSchema, bytes);
    call.write(request({ typeUrl, responseNonce: nonce }));
  });
  call.on("error", (error) => {
    throw error;
  });
  for (const [n, { typeUrl, names }] of subscriptions.entries()) {
    const node = n === 0 ? { node: { id: `node-${i}`, cluster: "bench" } } : {};
    call.write(request({ ...node, typeUrl, resourceNamesSubscribe: names }));
  }
}
parentPort?.postMessage("started");
