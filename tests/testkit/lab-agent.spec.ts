import { eventually, type LabPod, type NetLab, netLab } from "@rxds/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addresses, at, buildTestkit, echoOf } from "./lab-support.js";

let lab: NetLab;
let client: LabPod;
let server: LabPod;
beforeAll(async () => {
  buildTestkit();
  lab = await netLab();
  const node = await lab.node("n1", addresses(1, 1));
  [client, server] = await Promise.all([node.pod("client", addresses(1, 2)), node.pod("server", addresses(1, 3))]);
});
afterAll(() => lab.close());

const agents = () => Promise.all([client.agent(), server.agent()]);

test.each([false, true])("an HTTP backend tells what it was asked and obeys (HTTP/2: %s)", async (http2) => {
  const [from, to] = await agents();
  await using backend = await (http2 ? to.serveHttp2({ name: "echo" }) : to.serveHttp({ name: "echo" }));
  for (const address of server.addresses) {
    const url = `http://${at(address, backend.port)}/a?b=1`;
    const echo = echoOf(
      await from.http({ url, http2, method: "POST", body: "text", host: "web.test", headers: { "x-a": "1" } }),
    );
    expect(echo).toMatchObject({ name: "echo", method: "POST", path: "/a?b=1", body: "text", headers: { "x-a": "1" } });
    expect(echo.headers).toMatchObject({ [http2 ? ":authority" : "host"]: "web.test" });
    expect(echo.httpVersion).toBe(http2 ? "2.0" : "1.1");
    expect(await from.http({ url, http2, headers: { "x-status": "503" } })).toMatchObject({
      status: 503,
      headers: { "x-upstream": "echo" },
    });
    const late = await from.http({ url, http2, headers: { "x-delay-ms": "60000" }, timeoutMs: 100 });
    expect(late).toEqual({ error: "timeout" });
  }
  await backend.stop();
  expect(await from.http({ address: server.addresses[0]!, port: backend.port, http2 })).toEqual({
    error: "ECONNREFUSED",
  });
});

test("a TCP server speaks first when asked to, and answers lines", async () => {
  const [from, to] = await agents();
  await using polite = await to.serveTcp({ name: "polite" });
  await using eager = await to.serveTcp({ name: "eager", speaksFirst: true });
  for (const address of server.addresses) {
    const { port } = polite;
    expect(await from.tcp({ address, port, send: "a\nb\n", lines: 2 })).toMatchObject({
      received: "polite: a\npolite: b\n",
      remoteAddress: at(address, port),
    });
    expect(await from.tcp({ address, port: eager.port })).toMatchObject({ received: "eager\n" });
    expect(await from.tcp({ address, port, timeoutMs: 50 })).toEqual({ error: "timeout" });
  }
});

test("a UDP server answers datagrams", async () => {
  const [from, to] = await agents();
  await using backend = await to.serveUdp({ name: "dns" });
  for (const address of server.addresses) {
    const target = { address, port: backend.port, send: "hi" };
    const remoteAddress = at(address, backend.port);
    const answer = await from.udp(target);
    expect(answer).toMatchObject({ received: "dns: hi", remoteAddress, peerAddress: remoteAddress });
    const unconnected = await from.udp({ ...target, connected: false });
    expect(unconnected).toMatchObject({ received: "dns: hi", remoteAddress });
    expect(unconnected).not.toHaveProperty("peerAddress");
  }
  const [address] = server.addresses;
  await backend.stop();
  expect(await from.udp({ address: address!, port: backend.port, send: "hi" })).toEqual({ error: "ECONNREFUSED" });
});

test("a connection is kept until one side ends it", async () => {
  const [from, to] = await agents();
  const backend = await to.serveTcp({ name: "echo" });
  const target = { address: server.addresses[1]!, port: backend.port };
  const mine = await from.open(target);
  const theirs = await from.open(target);
  expect(await Promise.all([mine.exchange("a"), mine.exchange("b")])).toEqual(["echo: a", "echo: b"]);
  expect(mine.remoteAddress).toBe(at(target.address, target.port));
  await mine.close();
  expect(await mine.closed).toBe("stopped");
  expect(await theirs.exchange("c")).toBe("echo: c");
  await backend.stop();
  expect(await theirs.closed).toBe("closed");
  await expect(theirs.exchange("d")).rejects.toMatchObject({ code: "agent-failed", details: { error: "closed" } });
  await expect(from.open(target)).rejects.toMatchObject({ details: { error: "ECONNREFUSED" } });
});

test("many short connections are counted by answer, by failure and by remote address", async () => {
  const [from, to] = await agents();
  await using backend = await to.serveTcp({ name: "echo" });
  for (const address of server.addresses) {
    const target = { address, port: backend.port };
    const counts = { byAnswer: { echo: 300 }, byRemoteAddress: { [at(address, backend.port)]: 300 } };
    const request = { to: target, count: 300, concurrency: 10 };
    expect(await from.connectMany(request)).toEqual({ ok: 300, failed: 0, failures: {}, ...counts });
    const unexpected = { ok: 0, failed: 300, failures: { "unexpected echo": 300 }, ...counts };
    expect(await from.connectMany({ ...request, expect: ["other"] })).toEqual(unexpected);
    expect(await from.connectMany({ ...request, expect: ["other", "echo"] })).toMatchObject({ ok: 300 });
  }
});

test("many short connections that fail tell why, and an answer to something else is none", async () => {
  const [from, to] = await agents();
  const [address] = server.addresses;
  await using eager = await to.serveTcp({ name: "eager", speaksFirst: true });
  await using stopped = await to.serveHttp({ name: "stopped" });
  const ask = (port: number) => from.connectMany({ to: { address: address!, port }, count: 5, timeoutMs: 50 });
  const none = { ok: 0, failed: 5, byAnswer: {} };
  const seen = { byRemoteAddress: { [at(address!, eager.port)]: 5 } };
  expect(await ask(eager.port)).toEqual({ ...none, failures: { "wrong answer": 5 }, ...seen });
  await stopped.stop();
  expect(await ask(stopped.port)).toEqual({ ...none, failures: { ECONNREFUSED: 5 }, byRemoteAddress: {} });
});

test("load counts answers by backend, failures by reason, and connections", async () => {
  const [from, to] = await agents();
  await using backend = await to.serveHttp({ name: "echo" });
  const url = `http://${at(server.addresses[0]!, backend.port)}/`;
  const load = await from.startLoad({ url, loops: 2, newConnectionEvery: 5 });
  const bad = await from.startLoad({ url, loops: 1, headers: { "x-status": "503", "x-close": "1" } });
  const fine = await from.startLoad({ url, loops: 1, headers: { "x-status": "404" } });
  for (const running of [load, bad, fine]) await eventually(async () => (await running.report()).requests >= 30);
  const result = await load.stop();
  expect(result).toMatchObject({ failed: 0, failures: {}, byAnswer: { echo: result.requests } });
  expect(result.connections).toBeGreaterThanOrEqual(Math.floor(result.requests / 5));
  expect(result.connections).toBeLessThanOrEqual(result.requests / 5 + 2);
  const failed = await bad.stop();
  expect(failed).toMatchObject({ failed: failed.requests, failures: { "status 503": failed.requests } });
  expect(failed.connections).toBe(failed.requests);
  expect(await fine.stop()).toMatchObject({ failed: 0, connections: 1 });
});

test("an agent that was stopped serves nothing more, and another takes its place", async () => {
  const [from, to] = await agents();
  const backend = await to.serveTcp({ name: "echo" });
  const target = { address: server.addresses[0]!, port: backend.port };
  const open = await to.open(target);
  await to.stop();
  expect(await open.closed).toBe("agent stopped");
  await expect(to.tcp(target)).rejects.toThrow(/the agent in rxds-.*-server was stopped/);
  expect(await from.tcp(target)).toEqual({ error: "ECONNREFUSED" });
  const next = await server.agent();
  expect(next.pid).not.toBe(to.pid);
  await next.serveTcp({ name: "next", port: backend.port });
  expect(await from.tcp({ ...target, send: "x\n" })).toMatchObject({ received: "next: x\n" });
  process.kill(next.pid, "SIGKILL");
  await eventually(() => expect(next.tcp(target)).rejects.toThrow("ended (signal SIGKILL)"));
});
