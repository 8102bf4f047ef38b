import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../eventually.js";
import { httpGet } from "./get.js";
import { startLoad } from "./load.js";
import { upstream } from "./upstream.js";

test("an upstream answers with its name in body and header, and counts", async () => {
  await using server = await upstream({ name: "a" });
  const answer = await httpGet(`http://${server.address}/x`);
  expect(answer).toMatchObject({ status: 200, body: "a", headers: { "x-upstream": "a" } });
  await httpGet(`http://${server.address}/y`);
  expect(server.requests()).toBe(2);
  expect(server.connections()).toBe(2);
});

test("an upstream answers with the status it is told, or as its handler does", async () => {
  await using failing = await upstream({ status: 503 });
  expect((await httpGet(`http://${failing.address}/`)).status).toBe(503);
  await using own = await upstream({ handle: (request, response) => response.end(request.headers.host) });
  expect((await httpGet(`http://${own.address}/`, { headers: { host: "a.local" } })).body).toBe("a.local");
});

test("a stopped upstream refuses connections", async () => {
  const server = await upstream();
  await server.stop();
  await expect(httpGet(`http://${server.address}/`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a request without an answer fails at its deadline", async () => {
  await using silent = await upstream({ handle: () => {} });
  const failure = httpGet(`http://${silent.address}/`, { timeoutMs: 20 });
  await expect(failure).rejects.toMatchObject({ code: "deadline" });
});

test("a request may go to a unix socket", async () => {
  const socketPath = join(tmpdir(), `rxds-http-${randomUUID()}`);
  const server = createServer((request, response) => response.end(`${request.headers.host}${request.url}`));
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  expect(await httpGet("http://web.test/a", { socketPath })).toMatchObject({ body: "web.test/a" });
  await new Promise((resolve) => server.close(resolve));
});

test("load keeps its connections and reports which upstream answered", async () => {
  await using server = await upstream({ name: "a" });
  const running = startLoad({ url: `http://${server.address}/`, connections: 2 });
  await eventually(() => running.report().succeeded >= 20);
  const report = await running.stop();
  expect(report).toEqual({
    requests: report.succeeded,
    succeeded: server.requests(),
    connections: 2,
    upstreams: { a: report.succeeded },
    failures: {},
  });
  expect(server.connections()).toBe(2);
});

test("load makes new connections when asked to, and fails from the status that it is told", async () => {
  await using server = await upstream({ name: "a", status: 404 });
  const options = { connections: 1, newConnectionEvery: 3, failFrom: 500 };
  const running = startLoad({ url: `http://${server.address}/`, ...options });
  await eventually(() => running.report().requests >= 10);
  const { requests, failures, connections } = await running.stop();
  expect(failures).toEqual({});
  expect(connections).toBe(Math.ceil(requests / 3));
  expect(server.connections()).toBe(connections);
});

test("load reports failures by kind", async () => {
  const status = await upstream({ status: 503 });
  const cut = await upstream({ handle: (request) => request.socket.destroy() });
  const half = await upstream({
    handle: (request, response) => {
      response.writeHead(200, { "content-length": "10" });
      response.write("half", () => request.socket.destroy());
    },
  });
  const silent = await upstream({ handle: () => {} });
  const kind = async (address: string) => {
    const running = startLoad({ url: `http://${address}/`, connections: 1, timeoutMs: 50 });
    await eventually(() => running.report().requests > 0);
    const { succeeded, failures } = await running.stop();
    expect(succeeded).toBe(0);
    return Object.keys(failures);
  };
  expect(await kind(status.address)).toEqual(["status 503"]);
  expect(await kind(cut.address)).toEqual(["ECONNRESET"]);
  expect(await kind(half.address)).toEqual(["ECONNRESET"]);
  expect(await kind(silent.address)).toEqual(["timeout"]);
  await Promise.all([status, cut, half, silent].map((server) => server.stop()));
  expect(await kind(status.address)).toEqual(["ECONNREFUSED"]);
});

test("load tells a connection lost while idle from other losses", async () => {
  let answers = 0;
  await using server = await upstream({
    handle: (request, response) => {
      answers += 1;
      if (answers === 1) response.end("first");
      else request.socket.destroy();
    },
  });
  const running = startLoad({ url: `http://${server.address}/`, connections: 1 });
  await eventually(() => running.report().requests >= 2);
  const { failures } = await running.stop();
  expect(failures["ECONNRESET on an idle connection"]).toBe(1);
});
