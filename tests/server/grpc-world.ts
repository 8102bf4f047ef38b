import { setImmediate as turn } from "node:timers/promises";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, status } from "@grpc/grpc-js";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { bytesService } from "@rxds/envoy-api/services";
import { type ClientStatus, type SnapshotSource, serveXds } from "@rxds/server";
import type { Wire, WireListener } from "../../packages/server/spec-support/surroundings.js";
import type { XdsTestClient } from "../../packages/server/spec-support/test-client.js";
import type { World } from "../../packages/server/spec-support/world.js";

const ADS = bytesService("envoy.service.discovery.v3.AggregatedDiscoveryService");
/** Types that nobody has resources of: the first request for one is answered with nothing, after all that came before. */
const PROBE = "type.googleapis.com/rxds.test.Probe";
const DEADLINE_MS = 20_000;

interface GrpcStream extends Wire {
  /** Resolves when the server has heard all that was sent before, or the stream is over. */
  heard(): Promise<void>;
}

/**
 * A server on loopback and its clients: histories take place on a real network, in real time.
 *
 * @param ready Whether the server has something to show for a key: before that it is silent.
 */
export async function createGrpcWorld(
  snapshots: (key: string) => SnapshotSource,
  ready: (key: string) => boolean,
  responseBytes: number,
): Promise<World> {
  const limits = { responseBytes };
  const server = await serveXds({
    hitless: false,
    address: "127.0.0.1:0",
    snapshots,
    scope: ({ cluster }) => cluster,
    limits,
  });
  /** Streams that the server did not end as it should when the client had nothing more to say. */
  const unclean: string[] = [];
  let closing = false;
  const streams = new Set<GrpcStream>();
  const channels: Client[] = [];
  let sent = 0;
  let probed = 0;

  const open = (client: XdsTestClient, listener: WireListener): GrpcStream => {
    const { protocol } = client.spec;
    const channel = new Client(server.address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
    channels.push(channel);
    const method = ADS[protocol === "delta" ? "DeltaAggregatedResources" : "StreamAggregatedResources"]!;
    const call = channel.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize);
    const probes = new Map<string, () => void>();
    let over = false;
    let halfClosed = false;
    const settle = () => {
      for (const done of probes.values()) done();
      probes.clear();
      streams.delete(stream);
      channel.close();
    };
    const write = (bytes: Uint8Array) => void call.write(Buffer.from(bytes));
    call.on("data", (bytes: Buffer) => {
      if (over) return;
      const { typeUrl, nonce } = fromBinary(
        protocol === "delta" ? DeltaDiscoveryResponseSchema : DiscoveryResponseSchema,
        bytes,
      );
      const done = probes.get(typeUrl);
      if (done === undefined) {
        listener.received(bytes);
        return;
      }
      write(probeRequest(protocol, typeUrl, nonce));
      probes.delete(typeUrl);
      done();
    });
    call.on("error", () => {});
    call.on("status", ({ code, details }) => {
      if (halfClosed && code !== status.OK && !closing) unclean.push(`${client.name}: ${status[code]} ${details}`);
      if (!over) {
        over = true;
        sent++;
        listener.ended(status[code] ?? String(code), details);
      }
      settle();
    });
    const end = () => {
      over = true;
      call.cancel();
    };
    const stream: GrpcStream = {
      end,
      halfClose() {
        over = true;
        halfClosed = true;
        call.end();
      },
      send(bytes) {
        sent++;
        write(bytes);
      },
      heard() {
        if (over || !ready(client.spec.key)) return Promise.resolve();
        const typeUrl = `${PROBE}${++probed}`;
        return new Promise((resolve) => {
          probes.set(typeUrl, resolve);
          write(probeRequest(protocol, typeUrl, ""));
        });
      },
    };
    streams.add(stream);
    return stream;
  };

  const heard = async () => {
    await Promise.all([...streams].map((stream) => stream.heard()));
  };
  const atRest = ({ types }: ClientStatus) =>
    types.every(({ type, pending, inFlight }) => type.startsWith(PROBE) || (!pending && inFlight.length === 0));
  return {
    exact: false,
    open: (client, _kind, listener) => open(client, listener),
    // A paused call would hold back the probes too.
    stall: () => {},
    read: () => {},
    async turns(count) {
      for (let n = 0; n < count; n++) await turn();
    },
    wait: heard,
    heard,
    async rest() {
      const deadline = performance.now() + DEADLINE_MS;
      for (let before = -1; before !== sent || !server.clients().every(atRest); ) {
        before = sent;
        await heard();
        await turn();
        if (unclean.length > 0) throw new Error(`half-closed streams ended badly: ${unclean.join("; ")}`);
        if (performance.now() > deadline) {
          throw new Error(`no rest within ${DEADLINE_MS} ms: ${JSON.stringify(server.clients())}`);
        }
      }
    },
    statuses: () =>
      server.clients().map((one) => ({ ...one, types: one.types.filter(({ type }) => !type.startsWith(PROBE)) })),
    async close() {
      closing = true;
      for (const stream of streams) stream.end();
      await server.close(1000);
      for (const channel of channels) channel.close();
    },
  };
}

function probeRequest(protocol: "sotw" | "delta", typeUrl: string, responseNonce: string): Uint8Array {
  const common = { typeUrl, responseNonce };
  if (protocol === "sotw") {
    return toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, { ...common, resourceNames: ["*"] }));
  }
  const resourceNamesSubscribe = responseNonce === "" ? ["*"] : [];
  return toBinary(
    DeltaDiscoveryRequestSchema,
    create(DeltaDiscoveryRequestSchema, { ...common, resourceNamesSubscribe }),
  );
}
