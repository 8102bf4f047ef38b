import { createServer, type Socket } from "node:net";
import { credentials } from "@grpc/grpc-js";
import { afterEach, describe, expect, test, vi } from "vitest";
import { startScriptedServer } from "../../spec-support/scripted-server.js";
import { createXdsClient } from "../client.js";
import type { XdsClientError } from "../error.js";
import { createGrpcTransport } from "./grpc-transport.js";

const deadline = { timeout: 10_000, interval: 5 };
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

describe("a gRPC transport", () => {
  test("tells that the connection is up before anything was written", async () => {
    const server = await startScriptedServer();
    cleanUps.push(() => server.stop());
    const transport = createGrpcTransport({
      address: server.address,
      credentials: credentials.createInsecure(),
      channelOptions: {},
    });
    cleanUps.push(() => transport.close());
    const seen: unknown[] = [];
    const stream = transport.open({
      ready: () => seen.push("ready"),
      message: (bytes) => seen.push(bytes.length),
      end: (error) => seen.push(error?.details.grpcStatus ?? "end"),
    });
    await vi.waitFor(() => expect(seen).toEqual(["ready"]), deadline);
    const side = await server.stream();
    side.sendBytes(Buffer.alloc(3));
    await vi.waitFor(() => expect(seen).toEqual(["ready", 3]), deadline);
    stream.end();
    await vi.waitFor(() => expect(seen).toEqual(["ready", 3, "end"]), deadline);
    expect(side.halfClosed).toBe(true);
  });

  test("reports the status with which a stream failed", async () => {
    const server = await startScriptedServer();
    cleanUps.push(() => server.stop());
    const transport = createGrpcTransport({
      address: server.address,
      credentials: credentials.createInsecure(),
      channelOptions: {},
    });
    cleanUps.push(() => transport.close());
    const errors: (XdsClientError | undefined)[] = [];
    transport.open({ ready: () => {}, message: () => {}, end: (error) => errors.push(error) });
    (await server.stream()).end(7);
    await vi.waitFor(() => expect(errors).toHaveLength(1), deadline);
    expect(errors[0]).toMatchObject({ code: "stream", details: { grpcStatus: 7 } });
    expect(errors[0]?.message).toBe(`the stream to ${server.address} ended: PERMISSION_DENIED: as scripted`);
  });
});

test("each attempt really connects: the channel's own backoff does not answer for the server", async () => {
  let connections = 0;
  const server = createServer((socket: Socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(() => new Promise((resolve) => server.close(resolve)));
  const bound = server.address();
  const port = typeof bound === "object" ? bound?.port : undefined;
  const client = createXdsClient({
    address: `127.0.0.1:${port}`,
    node: { id: "n" },
    reconnect: { minMs: 1, maxMs: 5 },
  });
  cleanUps.push(() => client.close());
  await vi.waitFor(() => expect(client.status.attempts).toBeGreaterThan(10), deadline);
  expect(connections).toBeGreaterThanOrEqual(10);
});
