import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, type ClientDuplexStream, credentials } from "@grpc/grpc-js";
import { ClusterLoadAssignmentSchema } from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { bytesService } from "@rxds/envoy-api/services";
import { eventually } from "@rxds/testkit";
import { createStore, endpoints, serveXds, typeUrls } from "rxds";
import { expect, test } from "vitest";

const STREAMS = 1000;
const NAMES_EACH = 3;
const service = bytesService("envoy.service.discovery.v3.AggregatedDiscoveryService");

/** A client that asks for some endpoints and acknowledges everything. */
interface Watcher {
  readonly names: readonly string[];
  /** The names in each response, in order. */
  readonly received: (readonly string[])[];
  readonly call: ClientDuplexStream<Buffer, Buffer>;
}

/** Names of stream i: a window that overlaps with its neighbours'. */
const namesOf = (i: number) => Array.from({ length: NAMES_EACH }, (_, k) => `c-${(i + k) % STREAMS}`);

function watch(client: Client, protocol: "delta" | "sotw", i: number): Watcher {
  const method = service[protocol === "delta" ? "DeltaAggregatedResources" : "StreamAggregatedResources"]!;
  const call = client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize);
  const watcher: Watcher = { names: namesOf(i), received: [], call };
  const typeUrl = typeUrls.endpoints;
  const node = { id: `n-${i}` };
  call.on("error", () => {});
  call.on("data", (bytes: Buffer) => {
    if (protocol === "delta") {
      const response = fromBinary(DeltaDiscoveryResponseSchema, bytes);
      watcher.received.push(response.resources.map(({ name }) => name));
      const ack = create(DeltaDiscoveryRequestSchema, { typeUrl, responseNonce: response.nonce });
      call.write(Buffer.from(toBinary(DeltaDiscoveryRequestSchema, ack)));
    } else {
      const { resources, nonce, versionInfo } = fromBinary(DiscoveryResponseSchema, bytes);
      watcher.received.push(resources.map(({ value }) => fromBinary(ClusterLoadAssignmentSchema, value).clusterName));
      const ack = { typeUrl, responseNonce: nonce, versionInfo, resourceNames: [...watcher.names] };
      call.write(Buffer.from(toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, ack))));
    }
  });
  const first =
    protocol === "delta"
      ? toBinary(
          DeltaDiscoveryRequestSchema,
          create(DeltaDiscoveryRequestSchema, { typeUrl, node, resourceNamesSubscribe: [...watcher.names] }),
        )
      : toBinary(
          DiscoveryRequestSchema,
          create(DiscoveryRequestSchema, { typeUrl, node, resourceNames: [...watcher.names] }),
        );
  call.write(Buffer.from(first));
  return watcher;
}

test.each(["delta", "sotw"] as const)(
  "of 1,000 clients exactly those that asked for a changed resource get it, and nothing else (%s)",
  async (protocol) => {
    const store = createStore();
    store.update((tx) => tx.set(...Array.from({ length: STREAMS }, (_, i) => endpoints(`c-${i}`, ["127.0.0.1:1"]))));
    await using server = await serveXds({ address: "127.0.0.1:0", snapshots: store });
    // A hundred streams a connection.
    const clients = Array.from(
      { length: STREAMS / 100 },
      () => new Client(server.address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 }),
    );
    try {
      const watchers = Array.from({ length: STREAMS }, (_, i) => watch(clients[Math.floor(i / 100)]!, protocol, i));
      await eventually(() => expect(watchers.filter(({ received }) => received.length === 1)).toHaveLength(STREAMS), {
        deadlineMs: 30_000,
      });
      for (const { names, received } of watchers) expect([...received[0]!].sort()).toEqual([...names].sort());
      await server.converged(undefined, { clients: STREAMS });

      store.update((tx) => tx.set(endpoints("c-500", ["127.0.0.1:2"])));
      await server.converged(undefined, { clients: STREAMS });
      // A change that everybody hears of: when it is there, all that came before it is too.
      store.update((tx) => tx.set(...Array.from({ length: STREAMS }, (_, i) => endpoints(`c-${i}`, ["127.0.0.1:3"]))));
      await eventually(
        () =>
          expect(watchers.every(({ received }) => received.at(-1)?.length === NAMES_EACH && received.length > 1)).toBe(
            true,
          ),
        { deadlineMs: 30_000 },
      );
      for (const { names, received } of watchers) {
        expect(received.slice(1, -1)).toEqual(names.includes("c-500") ? [["c-500"]] : []);
      }
      expect(watchers.filter(({ received }) => received.length === 3)).toHaveLength(NAMES_EACH);
    } finally {
      for (const client of clients) client.close();
    }
  },
);
