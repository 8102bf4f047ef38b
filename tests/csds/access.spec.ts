import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChannelCredentials, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { eventually } from "@rxds/testkit";
import { createSnapshot, serveXds, xdsServices } from "rxds";
import { describe, expect, test } from "vitest";
import { authority } from "../core/certificates.js";
import { failure, fetchStatus, streamStatus } from "./status-client.js";

const snapshots = createSnapshot([]);

describe("without the option", () => {
  test("client status is there on loopback", async () => {
    await using server = await serveXds({ address: "127.0.0.1:0", snapshots });
    expect((await fetchStatus(server.address)).config).toEqual([]);
  });

  test("client status is there on a Unix socket", async () => {
    const folder = mkdtempSync(join(tmpdir(), "rxds-"));
    try {
      await using server = await serveXds({ address: `unix:${folder}/xds.sock`, snapshots });
      expect((await fetchStatus(server.address)).config).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("client status is not there off loopback", async () => {
    await using server = await serveXds({ address: "0.0.0.0:0", snapshots, insecure: true });
    const { code } = await failure(fetchStatus(`127.0.0.1:${server.port}`));
    expect(code).toBe(status.UNIMPLEMENTED);
  });

  test("client status is not there where clients have to show a certificate", async () => {
    const ca = await authority();
    const { cert, key } = await ca.issue("localhost", ["localhost"]);
    const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
    const credentials = ServerCredentials.createSsl(Buffer.from(ca.cert), [pair], true);
    const client = ChannelCredentials.createSsl(Buffer.from(ca.cert), pair.private_key, pair.cert_chain);
    await using server = await serveXds({ address: "127.0.0.1:0", snapshots, credentials });
    const { code } = await failure(fetchStatus(`localhost:${server.port}`, {}, client));
    expect(code).toBe(status.UNIMPLEMENTED);
  });
});

test("the option decides", async () => {
  await using off = await serveXds({ address: "127.0.0.1:0", snapshots, clientStatus: false });
  expect((await failure(fetchStatus(off.address))).code).toBe(status.UNIMPLEMENTED);
  await using on = await serveXds({ address: "0.0.0.0:0", snapshots, insecure: true, clientStatus: true });
  expect((await fetchStatus(`127.0.0.1:${on.port}`)).config).toEqual([]);
});

test.each([
  [undefined, false],
  [true, true],
])("on a server of one's own with clientStatus: %s it is there: %s", async (clientStatus, there) => {
  const services = xdsServices({ snapshots, ...(clientStatus === undefined ? {} : { clientStatus }) });
  const server = new Server();
  services.addTo(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  try {
    const answer = await fetchStatus(`127.0.0.1:${port}`).then(
      ({ config }) => config,
      ({ code }: { code: number }) => code,
    );
    expect(answer).toEqual(there ? [] : status.UNIMPLEMENTED);
  } finally {
    services.close();
    server.forceShutdown();
  }
});

test("limits on streams hold for client status", async () => {
  const limits = { streamsPerPeer: 1, firstRequestMs: 50 };
  await using server = await serveXds({ address: "127.0.0.1:0", snapshots, limits });
  await using silent = streamStatus(server.address);
  expect(await silent.closed).toEqual({ code: status.DEADLINE_EXCEEDED, details: "no request within 50 ms" });
  await using first = streamStatus(server.address);
  first.send({});
  await eventually(() => expect(first.received).toHaveLength(1));
  await using second = streamStatus(server.address);
  expect((await second.closed).code).toBe(status.RESOURCE_EXHAUSTED);
});
