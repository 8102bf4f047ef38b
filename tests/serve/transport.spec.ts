import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChannelCredentials, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { eventually, rawXds } from "@rxds/testkit";
import {
  ClientRefusedError,
  createSnapshot,
  edsCluster,
  type Peer,
  ServeXdsError,
  serveXds,
  typeUrls,
  type XdsEvent,
  xdsServices,
} from "rxds";
import { describe, expect, test } from "vitest";
import { authority } from "../core/certificates.js";

const snapshot = createSnapshot([edsCluster({ name: "a" })]);
const hello = { typeUrl: typeUrls.cluster, node: { id: "n1" } };

describe("off loopback", () => {
  test.each(["0.0.0.0:0", "[::]:0", "localhost.example.com:0", "10.0.0.1:0"])(
    "%s without credentials is refused before anything listens",
    async (address) => {
      const error = await serveXds({ address, snapshots: snapshot }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ServeXdsError);
      expect(error).toMatchObject({ code: "insecure" });
      expect(String(error)).toContain("insecure: true");
    },
  );

  test("is served when that is asked for", async () => {
    await using server = await serveXds({ address: "0.0.0.0:0", snapshots: snapshot, insecure: true });
    await using stream = rawXds({ address: `127.0.0.1:${server.port}`, mode: "delta" });
    stream.send(hello);
    expect((await stream.next()).resources.map(({ name }) => name)).toEqual(["a"]);
  });
});

test("an address that is taken is an error that says so", async () => {
  await using server = await serveXds({ address: "127.0.0.1:0", snapshots: snapshot });
  const error = await serveXds({ address: server.address, snapshots: snapshot }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "bind" });
  expect(String(error)).toContain(server.address);
});

test("a Unix socket is served", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rxds-"));
  try {
    await using server = await serveXds({ address: `unix:${folder}/xds.sock`, snapshots: snapshot });
    expect([server.address, server.port]).toEqual([`unix:${folder}/xds.sock`, 0]);
    await using stream = rawXds({ address: server.address, mode: "sotw" });
    stream.send(hello);
    expect((await stream.next()).resources).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe("with TLS", () => {
  test("the client's verified certificate reaches scope, which may show, or refuse", async () => {
    const ca = await authority();
    const own = await ca.issue("control-plane");
    const credentials = ServerCredentials.createSsl(
      Buffer.from(ca.cert),
      [{ cert_chain: Buffer.from(own.cert), private_key: Buffer.from(own.key) }],
      true,
    );
    const peers: Peer[] = [];
    const events: XdsEvent[] = [];
    await using server = await serveXds({
      address: "127.0.0.1:0",
      credentials,
      snapshots: (key) => createSnapshot([edsCluster({ name: key })]),
      scope: (node, peer) => {
        peers.push(peer);
        const id = peer.certificate?.subjectAltNames[0];
        if (id !== "URI:spiffe://mesh/web") throw new ClientRefusedError(`${node.id} may not read this`);
        return "for-web";
      },
    });
    server.events$.subscribe((event) => events.push(event));
    const connect = async (name: string, san: string) => {
      const { cert, key } = await ca.issue(name, [san]);
      const tls = ChannelCredentials.createSsl(Buffer.from(ca.cert), Buffer.from(key), Buffer.from(cert));
      return rawXds({ address: `localhost:${server.port}`, mode: "delta", credentials: tls });
    };
    await using web = await connect("web", "spiffe://mesh/web");
    web.send(hello);
    expect((await web.next()).resources.map(({ name }) => name)).toEqual(["for-web"]);
    expect(peers[0]?.certificate).toMatchObject({ commonName: "web", subjectAltNames: ["URI:spiffe://mesh/web"] });
    expect(server.clients()[0]?.identity).toEqual(["URI:spiffe://mesh/web"]);
    await using other = await connect("other", "spiffe://mesh/other");
    other.send(hello);
    expect(await other.closed).toEqual({ code: status.PERMISSION_DENIED, details: "n1 may not read this" });
    expect(events.find(({ kind }) => kind === "refused-client")?.detail).toContain("n1 may not read this");
    // The first goes on.
    expect(server.clients()).toHaveLength(1);
  });

  test("a client without a certificate gets no stream", async () => {
    const ca = await authority();
    const own = await ca.issue("control-plane");
    const pair = { cert_chain: Buffer.from(own.cert), private_key: Buffer.from(own.key) };
    const credentials = ServerCredentials.createSsl(Buffer.from(ca.cert), [pair], true);
    await using server = await serveXds({ address: "127.0.0.1:0", credentials, snapshots: snapshot });
    const tls = ChannelCredentials.createSsl(Buffer.from(ca.cert));
    await using stream = rawXds({ address: `localhost:${server.port}`, mode: "delta", credentials: tls });
    stream.send(hello);
    expect((await stream.closed).code).toBe(status.UNAVAILABLE);
    expect(server.clients()).toEqual([]);
  });
});

describe("a scope", () => {
  test("may take its time, and what it gives decides what is shown", async () => {
    let decide: (key: string) => void = () => {};
    await using server = await serveXds({
      address: "127.0.0.1:0",
      snapshots: (key) => createSnapshot([edsCluster({ name: key })]),
      scope: () => new Promise<string>((resolve) => (decide = resolve)),
    });
    await using stream = rawXds({ address: server.address, mode: "sotw" });
    stream.send(hello);
    await eventually(() => expect(server.clients()[0]?.node.id).toBe("n1"));
    decide("late");
    const response = await stream.next();
    expect(response.resources).toHaveLength(1);
    expect(server.clients()[0]?.key).toBe("late");
  });

  test("that fails tells the client nothing of why, but an event does", async () => {
    const events: XdsEvent[] = [];
    await using server = await serveXds({
      address: "127.0.0.1:0",
      snapshots: snapshot,
      scope: () => Promise.reject(new Error("the database at db.internal is down")),
    });
    server.events$.subscribe((event) => events.push(event));
    await using stream = rawXds({ address: server.address, mode: "delta" });
    stream.send(hello);
    const { code, details } = await stream.closed;
    expect(code).toBe(status.UNAVAILABLE);
    expect(details).not.toContain("db.internal");
    expect(events.find(({ kind }) => kind === "refused-client")?.detail).toContain("db.internal");
  });
});

test("the services can be registered on a gRPC server of one's own", async () => {
  const services = xdsServices({ snapshots: snapshot });
  const own = new Server();
  services.addTo(own);
  const port = await new Promise<number>((resolve, reject) => {
    own.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  try {
    await using stream = rawXds({ address: `127.0.0.1:${port}`, mode: "delta" });
    stream.send(hello);
    const response = await stream.next();
    expect(response.resources.map(({ name }) => name)).toEqual(["a"]);
    stream.ack(response);
    await services.converged(snapshot.version, { clients: 1 });
    services.close();
    expect((await stream.closed).code).toBe(status.UNAVAILABLE);
  } finally {
    own.forceShutdown();
  }
});
