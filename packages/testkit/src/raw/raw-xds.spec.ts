import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerDuplexStream, status } from "@grpc/grpc-js";
import {
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { bytesService } from "@rxds/envoy-api/services";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../eventually.js";
import { rawXds } from "./raw-xds.js";

const ADS = "envoy.service.discovery.v3.AggregatedDiscoveryService";
const CDS = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
const EDS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";

type Call = ServerDuplexStream<Buffer, Buffer>;

let server: Server;
let address: string;
/** What the server does with each message of a stream. */
let onMessage: (call: Call, bytes: Buffer) => void;
let written: number;
beforeEach(async () => {
  onMessage = () => {};
  written = 0;
  server = new Server();
  const handle = (call: Call): void => {
    call.on("data", (bytes: Buffer) => onMessage(call, bytes));
    call.on("end", () => call.end());
    call.on("error", () => {});
  };
  server.addService(bytesService(ADS), { StreamAggregatedResources: handle, DeltaAggregatedResources: handle });
  server.addService(bytesService("envoy.service.cluster.v3.ClusterDiscoveryService"), { DeltaClusters: handle });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  address = `127.0.0.1:${port}`;
});
afterEach(() => server.forceShutdown());

const deltaRequest = (bytes: Buffer) => fromBinary(DeltaDiscoveryRequestSchema, bytes);
const sotwRequest = (bytes: Buffer) => fromBinary(DiscoveryRequestSchema, bytes);
function reply(
  call: Call,
  init: Partial<Pick<DeltaDiscoveryResponse, "typeUrl" | "nonce" | "removedResources">>,
): void {
  written += 1;
  call.write(Buffer.from(toBinary(DeltaDiscoveryResponseSchema, create(DeltaDiscoveryResponseSchema, init))));
}

test("sends exactly what it is told, and hands over what comes", async () => {
  const requests: Buffer[] = [];
  onMessage = (call, bytes) => {
    requests.push(bytes);
    reply(call, { typeUrl: CDS, nonce: "1" });
  };
  await using stream = rawXds({ address, mode: "delta" });
  stream.send({ typeUrl: CDS });
  expect(await stream.next()).toMatchObject({ typeUrl: CDS, nonce: "1" });
  expect(requests).toEqual([
    Buffer.from(toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, { typeUrl: CDS }))),
  ]);
  expect(stream.received).toHaveLength(1);
});

test("calls a per-type method", async () => {
  onMessage = (call) => reply(call, { typeUrl: CDS });
  const service = "envoy.service.cluster.v3.ClusterDiscoveryService";
  await using stream = rawXds({ address, mode: "delta", service, method: "DeltaClusters" });
  stream.send({});
  expect((await stream.next()).typeUrl).toBe(CDS);
});

test("refuses a method that is none of the service's streams", () => {
  const wrong = () => rawXds({ address, mode: "delta", method: "DeltaClusters" });
  expect(wrong).toThrow(
    /no streaming method "DeltaClusters"; it has StreamAggregatedResources, DeltaAggregatedResources/,
  );
});

test("sends bytes that are no message", async () => {
  const requests: Buffer[] = [];
  onMessage = (_, bytes) => requests.push(bytes);
  await using stream = rawXds({ address, mode: "sotw" });
  stream.sendBytes(Buffer.from([0xff, 0xff]));
  await eventually(() => expect(requests).toEqual([Buffer.from([0xff, 0xff])]));
});

test("takes responses of one type and leaves the others in order", async () => {
  onMessage = (call) => {
    reply(call, { typeUrl: CDS, nonce: "1" });
    reply(call, { typeUrl: EDS, nonce: "2" });
    reply(call, { typeUrl: CDS, nonce: "3" });
  };
  await using stream = rawXds({ address, mode: "delta" });
  stream.send({});
  expect((await stream.nextOfType(EDS)).nonce).toBe("2");
  expect((await stream.next()).nonce).toBe("1");
  expect((await stream.next()).nonce).toBe("3");
});

test("a missing response fails with all that was received", async () => {
  onMessage = (call) => reply(call, { typeUrl: CDS, nonce: "1", removedResources: ["a"] });
  await using stream = rawXds({ address, mode: "delta" });
  stream.send({});
  await stream.next();
  const failure = stream.next({ deadlineMs: 10, describe: "the second push" });
  await expect(failure).rejects.toMatchObject({ code: "deadline" });
  await expect(failure).rejects.toThrow(
    /the second push: not within 10 ms; received so far:\n {2}taken .*nonce=1.*removed=\[a\]/,
  );
});

test("a stream that the server ends fails who waits, with the status", async () => {
  onMessage = (call) => call.emit("error", { code: status.PERMISSION_DENIED, details: "not you" });
  await using stream = rawXds({ address, mode: "delta" });
  const failure = stream.next();
  stream.send({});
  await expect(failure).rejects.toThrow(/the stream ended with status 7 not you; nothing was received/);
  await expect(stream.next()).rejects.toMatchObject({ code: "stream-closed" });
  expect(await stream.closed).toEqual({ code: status.PERMISSION_DENIED, details: "not you" });
});

test("a server that is not there ends the stream as unavailable", async () => {
  server.forceShutdown();
  await using stream = rawXds({ address, mode: "delta" });
  expect((await stream.closed).code).toBe(status.UNAVAILABLE);
});

test("what is no response ends the stream and says so", async () => {
  onMessage = (call) => call.write(Buffer.from([0xff]));
  await using stream = rawXds({ address, mode: "sotw" });
  stream.send({});
  await expect(stream.next()).rejects.toThrow(
    /the server sent what is no envoy.service.discovery.v3.DiscoveryResponse/,
  );
});

test("half-closing lets the server answer and end", async () => {
  await using stream = rawXds({ address, mode: "delta" });
  stream.halfClose();
  expect((await stream.closed).code).toBe(status.OK);
});

test("cancelling ends the stream at once", async () => {
  await using stream = rawXds({ address, mode: "delta" });
  stream.cancel();
  expect((await stream.closed).code).toBe(status.CANCELLED);
});

test("delta answers carry the nonce and nothing else, a rejection its message", async () => {
  const requests: Buffer[] = [];
  onMessage = (call, bytes) => {
    requests.push(bytes);
    if (requests.length === 1) reply(call, { typeUrl: CDS, nonce: "n1" });
  };
  await using stream = rawXds({ address, mode: "delta" });
  stream.send({ typeUrl: CDS });
  const response = await stream.next();
  stream.ack(response);
  stream.nack(response, "no good", { resourceNamesSubscribe: ["b"] });
  await eventually(() => expect(requests).toHaveLength(3));
  const answers = requests.slice(1).map(deltaRequest);
  expect(answers[0]).toEqual(create(DeltaDiscoveryRequestSchema, { typeUrl: CDS, responseNonce: "n1" }));
  expect(answers[1]).toMatchObject({
    responseNonce: "n1",
    errorDetail: { code: 13, message: "no good" },
    resourceNamesSubscribe: ["b"],
  });
});

test("state-of-the-world answers repeat the names, and a rejection the version held", async () => {
  const requests: Buffer[] = [];
  onMessage = (call, bytes) => {
    requests.push(bytes);
    if (requests.length > 2) return;
    const n = requests.length;
    const response = create(DiscoveryResponseSchema, { typeUrl: EDS, nonce: `n${n}`, versionInfo: `v${n}` });
    call.write(Buffer.from(toBinary(DiscoveryResponseSchema, response)));
  };
  await using stream = rawXds({ address, mode: "sotw" });
  stream.send({ typeUrl: EDS, resourceNames: ["a", "b"] });
  stream.ack(await stream.next());
  stream.nack(await stream.next(), "no good");
  await eventually(() => expect(requests).toHaveLength(3));
  const [, ack, nack] = requests.map(sotwRequest);
  expect(ack).toEqual(
    create(DiscoveryRequestSchema, { typeUrl: EDS, versionInfo: "v1", responseNonce: "n1", resourceNames: ["a", "b"] }),
  );
  expect(nack).toMatchObject({
    versionInfo: "v1",
    responseNonce: "n2",
    resourceNames: ["a", "b"],
    errorDetail: { code: 13, message: "no good" },
  });
});

test("silence is proven by the answer to a probe", async () => {
  onMessage = (call, bytes) => {
    const { typeUrl } = deltaRequest(bytes);
    if (typeUrl === EDS) reply(call, { typeUrl: EDS, nonce: "probe" });
  };
  await using stream = rawXds({ address, mode: "delta" });
  stream.send({ typeUrl: CDS });
  expect((await stream.expectSilence({ typeUrl: EDS })).nonce).toBe("probe");
});

test("a response before the answer to the probe is no silence", async () => {
  onMessage = (call, bytes) => reply(call, { typeUrl: deltaRequest(bytes).typeUrl, nonce: "n" });
  await using stream = rawXds({ address, mode: "delta" });
  stream.send({ typeUrl: CDS });
  const failure = stream.expectSilence({ typeUrl: EDS });
  await expect(failure).rejects.toMatchObject({ code: "unexpected-response" });
});

test("a paused stream holds the server back, and loses nothing when it reads on", async () => {
  const total = 200;
  const padding = "x".repeat(64 * 1024);
  let call: Call | undefined;
  onMessage = (stream) => {
    call = stream;
    for (let n = 0; n < total; n++) reply(stream, { nonce: `${n}`, removedResources: [padding] });
  };
  await using stalled = rawXds({ address, mode: "delta" });
  stalled.pause();
  stalled.send({});
  await eventually(() => written === total && (call?.writableLength ?? 0) > 0);
  await using other = rawXds({ address, mode: "delta" });
  onMessage = (stream) => reply(stream, { nonce: "other" });
  other.send({});
  expect((await other.next()).nonce).toBe("other");
  expect(call?.writableLength).toBeGreaterThan(0);
  expect(stalled.received).toEqual([]);
  stalled.resume();
  await eventually(() => expect(stalled.received).toHaveLength(total));
  expect(stalled.received.map(({ nonce }) => nonce)).toEqual(Array.from({ length: total }, (_, n) => `${n}`));
});
