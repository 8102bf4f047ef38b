import { durationMs } from "@bufbuild/protobuf/wkt";
import { status } from "@grpc/grpc-js";
import { eventually } from "@rxds/testkit";
import { ClientRefusedError, createSnapshot, type LoadReport, type LoadReportOptions, serveXds, typeUrls } from "rxds";
import { BehaviorSubject, Subject } from "rxjs";
import { expect, test } from "vitest";
import { cluster, node, startWorld } from "../wire/world.js";
import { type LoadStream, openLoadStream } from "./load-stream.js";

const ALL = { ...node, clientFeatures: ["envoy.lrs.supports_send_all_clusters"] };
const stats = (...names: readonly string[]) => names.map((clusterName) => ({ clusterName }));

/** The next response that was not looked at. */
async function response(stream: LoadStream, at = 0) {
  return await eventually(() => {
    const found = stream.received[at];
    if (found === undefined) throw new Error(`${stream.received.length} responses`);
    return found;
  });
}

test("without the option the service is not there", async () => {
  await using world = await startWorld();
  await using stream = openLoadStream(world.server.address);
  stream.send({ node });
  expect((await stream.closed).code).toBe(status.UNIMPLEMENTED);
});

test("all clusters are asked of a client that knows what that means", async () => {
  await using world = await startWorld([], { loadReports: {} });
  await using stream = openLoadStream(world.server.address);
  stream.send({ node: ALL });
  const answer = await response(stream);
  expect(answer).toMatchObject({ sendAllClusters: true, clusters: [], reportEndpointGranularity: false });
  expect(answer.loadReportingInterval && durationMs(answer.loadReportingInterval)).toBe(10_000);
});

test("another client is asked for the clusters that its first request names", async () => {
  await using world = await startWorld([], { loadReports: { intervalMs: 1500, endpointGranularity: true } });
  await using stream = openLoadStream(world.server.address);
  stream.send({ node, clusterStats: stats("a", "b") });
  const answer = await response(stream);
  expect(answer).toMatchObject({ sendAllClusters: false, clusters: ["a", "b"], reportEndpointGranularity: true });
  expect(answer.loadReportingInterval && durationMs(answer.loadReportingInterval)).toBe(1500);
});

test("clusters may be named, by node too", async () => {
  const loadReports: LoadReportOptions = { clusters: ({ id }) => (id === "n1" ? ["mine"] : "all") };
  await using world = await startWorld([], { loadReports });
  await using named = openLoadStream(world.server.address);
  named.send({ node: ALL });
  expect(await response(named)).toMatchObject({ sendAllClusters: false, clusters: ["mine"] });
  await using all = openLoadStream(world.server.address);
  all.send({ node: { ...ALL, id: "n2" } });
  expect(await response(all)).toMatchObject({ sendAllClusters: true, clusters: [] });
});

test("what is asked for changes while clients are connected, and what makes no sense changes nothing", async () => {
  const options = new BehaviorSubject<LoadReportOptions>({ intervalMs: 1000 });
  const lines: string[] = [];
  const warn = (line: string) => void lines.push(line);
  await using world = await startWorld([], { loadReports: options, logger: { info: () => {}, warn } });
  await using stream = openLoadStream(world.server.address);
  stream.send({ node: ALL });
  await response(stream);
  // Nothing new is nothing to say.
  options.next({ intervalMs: 1000, clusters: "all" });
  options.next({ intervalMs: 0 });
  options.next({ intervalMs: 1000, clusters: ["a"] });
  expect(await response(stream, 1)).toMatchObject({ sendAllClusters: false, clusters: ["a"] });
  options.error(new Error("gone"));
  expect(lines).toEqual([expect.stringContaining("intervalMs"), expect.stringContaining("gone")]);
  await using later = openLoadStream(world.server.address);
  later.send({ node: ALL });
  expect(await response(later)).toMatchObject({ clusters: ["a"] });
  expect(stream.received).toHaveLength(2);
});

test("nothing is asked before there is something to ask", async () => {
  const options = new Subject<LoadReportOptions>();
  await using world = await startWorld([], { loadReports: options });
  const reports: LoadReport[] = [];
  world.server.loadReports$.subscribe((report) => reports.push(report));
  await using stream = openLoadStream(world.server.address);
  stream.send({ node: ALL, clusterStats: stats("early") });
  await eventually(() => expect(reports).toHaveLength(1));
  expect(stream.received).toEqual([]);
  options.next({ clusters: ["a"] });
  expect(await response(stream)).toMatchObject({ clusters: ["a"] });
});

test("an interval that is none is refused at once", async () => {
  const options = { address: "127.0.0.1:0", snapshots: createSnapshot([]), loadReports: { intervalMs: 0.5 } };
  await expect(serveXds(options)).rejects.toThrow(/intervalMs: expected a whole number/);
});

test("reports come one cluster each, with who sent them; nobody listening loses nothing but those", async () => {
  await using world = await startWorld([], { loadReports: {}, scope: ({ id }) => `key-of-${id}` });
  await using stream = openLoadStream(world.server.address);
  // Nobody listens: it is not even decoded.
  stream.send({ node: ALL, clusterStats: stats("unheard") });
  await response(stream);
  const before = Date.now();
  const reports: LoadReport[] = [];
  world.server.loadReports$.subscribe((report) => reports.push(report));
  stream.send({ clusterStats: [{ clusterName: "a", totalDroppedRequests: 3n }, { clusterName: "b" }] });
  await eventually(() => expect(reports).toHaveLength(2));
  expect(reports.map(({ stats }) => [stats.clusterName, stats.totalDroppedRequests])).toEqual([
    ["a", 3n],
    ["b", 0n],
  ]);
  expect(reports[0]).toMatchObject({ node, key: "key-of-n1" });
  expect(reports[0]?.at).toBeGreaterThanOrEqual(before);
});

test("scope turns a client away, and what it throws by accident stays here", async () => {
  const scope = ({ id }: { id: string }): string => {
    if (id === "stranger") throw new ClientRefusedError("not you");
    throw new Error("the database password is 1234");
  };
  const lines: string[] = [];
  const logger = { info: () => {}, warn: (line: string) => void lines.push(line) };
  await using world = await startWorld([], { loadReports: {}, scope, logger });
  await using stranger = openLoadStream(world.server.address);
  stranger.send({ node: { id: "stranger" } });
  expect(await stranger.closed).toEqual({ code: status.PERMISSION_DENIED, details: "not you" });
  await using accident = openLoadStream(world.server.address);
  accident.send({ node });
  const closed = await accident.closed;
  expect(closed.code).toBe(status.UNAVAILABLE);
  expect(closed.details).not.toContain("1234");
  expect(lines).toEqual([expect.stringMatching(/refused stranger at .*: not you/), expect.stringContaining("1234")]);
});

test.each([
  ["bytes that are no message", Buffer.from([0x0a, 0xff])],
  ["no node", Buffer.alloc(0)],
  ["a node that is none", Buffer.from([0x0a, 0x02, 0x0a, 0x7f])],
])("%s as the first message ends that stream only", async (_, bytes) => {
  await using world = await startWorld([cluster("a")], { loadReports: {} });
  await using good = openLoadStream(world.server.address);
  good.send({ node: ALL });
  await response(good);
  await using bad = openLoadStream(world.server.address);
  bad.sendBytes(bytes);
  expect((await bad.closed).code).toBe(status.INVALID_ARGUMENT);

  const reports: LoadReport[] = [];
  world.server.loadReports$.subscribe((report) => reports.push(report));
  good.send({ clusterStats: stats("still") });
  await eventually(() => expect(reports).toHaveLength(1));
  const xds = world.delta();
  xds.send({ node, typeUrl: typeUrls.cluster });
  await xds.accept();
});

test("a report that does not decode ends that stream only", async () => {
  await using world = await startWorld([], { loadReports: {} });
  world.server.loadReports$.subscribe();
  await using stream = openLoadStream(world.server.address);
  stream.send({ node: ALL });
  await response(stream);
  stream.sendBytes(Buffer.from([0x12, 0x02, 0x0a, 0x7f]));
  const closed = await stream.closed;
  expect(closed).toMatchObject({ code: status.INVALID_ARGUMENT });
  expect(closed.details).toContain("ClusterStats");
});

test("a function that throws ends the stream that it was asked for", async () => {
  const clusters = (): never => {
    throw new Error("secret of ours");
  };
  const lines: string[] = [];
  const logger = { info: () => {}, warn: (line: string) => void lines.push(line) };
  await using world = await startWorld([], { loadReports: { clusters }, logger });
  await using stream = openLoadStream(world.server.address);
  stream.send({ node: ALL });
  const closed = await stream.closed;
  expect(closed.code).toBe(status.INTERNAL);
  expect(closed.details).not.toContain("secret of ours");
  expect(lines).toEqual([expect.stringContaining("secret of ours")]);
});

test("a client that is done is let go, and a server that closes ends the streams and the reports", async () => {
  const world = await startWorld([], { loadReports: {} });
  let completed = false;
  world.server.loadReports$.subscribe({ complete: () => (completed = true) });
  const done = openLoadStream(world.server.address);
  done.send({ node: ALL });
  done.halfClose();
  expect((await done.closed).code).toBe(status.OK);
  const open = openLoadStream(world.server.address);
  open.send({ node: ALL });
  await response(open);
  await world.server.close();
  expect((await open.closed).code).toBe(status.UNAVAILABLE);
  expect(completed).toBe(true);
});

test("limits on streams hold for load reports", async () => {
  await using world = await startWorld([], { loadReports: {}, limits: { streamsPerPeer: 1, firstRequestMs: 50 } });
  await using silent = openLoadStream(world.server.address);
  expect(await silent.closed).toEqual({ code: status.DEADLINE_EXCEEDED, details: "no request within 50 ms" });
  await using first = openLoadStream(world.server.address);
  first.send({ node });
  await response(first);
  await using second = openLoadStream(world.server.address);
  second.send({ node });
  expect((await second.closed).code).toBe(status.RESOURCE_EXHAUSTED);
});
