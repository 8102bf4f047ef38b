import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import type { Node } from "@rxds/envoy-api/envoy/config/core/v3/base";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { bytesService } from "@rxds/envoy-api/services";
import { startEnvoy } from "@rxds/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";

// The smallest server that makes Envoy ready: it answers the first request of each type with nothing at all.

type Call = ServerDuplexStream<Buffer, Buffer>;

let server: Server;
let ads: string;
let nodes: { method: string; node: Node | undefined }[];
let release: () => void;
beforeEach(async () => {
  nodes = [];
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  server = new Server();
  server.addService(bytesService("envoy.service.discovery.v3.AggregatedDiscoveryService"), {
    DeltaAggregatedResources: (call: Call) =>
      call.on("data", async (bytes: Buffer) => {
        const { node, typeUrl, responseNonce } = fromBinary(DeltaDiscoveryRequestSchema, bytes);
        nodes.push({ method: "delta", node });
        await released;
        const response = create(DeltaDiscoveryResponseSchema, { typeUrl, nonce: "1" });
        if (responseNonce === "") call.write(Buffer.from(toBinary(DeltaDiscoveryResponseSchema, response)));
      }),
    StreamAggregatedResources: (call: Call) =>
      call.on("data", async (bytes: Buffer) => {
        const { node, typeUrl, responseNonce } = fromBinary(DiscoveryRequestSchema, bytes);
        nodes.push({ method: "sotw", node });
        await released;
        const response = create(DiscoveryResponseSchema, { typeUrl, nonce: "1", versionInfo: "1" });
        if (responseNonce === "") call.write(Buffer.from(toBinary(DiscoveryResponseSchema, response)));
      }),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  ads = `127.0.0.1:${port}`;
});
afterEach(() => server.forceShutdown());

test.each(["delta", "sotw"] as const)("Envoy follows an xDS server in the mode %s", async (mode) => {
  await using envoy = await startEnvoy({ ads, mode, node: { id: "n1", locality: { zone: "z" } } });
  expect(await envoy.admin("/server_info")).toContain("INITIALIZING");
  await expect(envoy.ready({ deadlineMs: 1000 })).rejects.toThrow(/answered 503: PRE_INITIALIZING/);
  release();
  await envoy.ready();
  expect(nodes[0]).toMatchObject({ method: mode, node: { id: "n1", cluster: "test", locality: { zone: "z" } } });
  expect(nodes.slice(1).every(({ node }) => node === undefined)).toBe(true);
  const stats = await envoy.stats("control_plane.connected_state");
  expect([...stats]).toEqual([["control_plane.connected_state", 1]]);
});
