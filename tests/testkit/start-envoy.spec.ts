import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { envoyBinary, eventually, httpGet, startEnvoy, startLoad, upstream } from "@rxds/testkit";
import { expect, test } from "vitest";
import { expectGone, folderOf } from "./leftovers.js";
import { staticListener } from "./static-listener.js";

test("a static Envoy serves on the port that its listener got", async () => {
  await using server = await upstream({ name: "a" });
  await using envoy = await startEnvoy({ staticResources: staticListener("ingress", server.port) });
  await envoy.ready();
  const address = await envoy.listenerAddress("ingress");
  expect(address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
  expect(await httpGet(`http://${address}/`)).toMatchObject({ status: 200, body: "a" });

  const running = startLoad({ url: `http://${address}/`, connections: 2 });
  await eventually(() => running.report().succeeded >= 10);
  const { failures, upstreams } = await running.stop();
  expect(failures).toEqual({});
  expect(Object.keys(upstreams)).toEqual(["a"]);
});

test("the admin interface is read as typed messages", async () => {
  await using server = await upstream();
  await using envoy = await startEnvoy({
    staticResources: staticListener("ingress", server.port),
    node: { id: "n1", cluster: "c1" },
    drainTimeSeconds: 3,
  });
  await envoy.ready();
  expect((await envoy.serverInfo()).node).toMatchObject({ id: "n1", cluster: "c1" });
  expect((await envoy.serverInfo()).commandLineOptions).toMatchObject({
    concurrency: 1,
    logLevel: "warning",
    disableHotRestart: true,
    drainTime: { seconds: 3n },
  });
  const types = (await envoy.configDump()).configs.map(({ typeUrl }) => typeUrl.replace(/.*\./, ""));
  expect(types).toEqual(expect.arrayContaining(["BootstrapConfigDump", "ClustersConfigDump", "ListenersConfigDump"]));
  expect((await envoy.clusters()).clusterStatuses.map(({ name }) => name)).toEqual(["upstream"]);
  expect((await envoy.listeners()).listenerStatuses.map(({ name }) => name)).toEqual(["ingress"]);
  expect((await envoy.memory()).allocated).toBeGreaterThan(1_000_000n);
  const stats = await envoy.stats("^cluster_manager\\.active_clusters$");
  expect([...stats]).toEqual([["cluster_manager.active_clusters", 1]]);
  expect((await envoy.stats()).size).toBeGreaterThan(100);
});

test("the admin interface changes things by POST, and refuses with a typed error", async () => {
  await using envoy = await startEnvoy();
  expect(await envoy.admin("/logging?level=error", { method: "POST" })).toContain("active loggers");
  await expect(envoy.admin("/nosuch")).rejects.toMatchObject({ code: "admin-failed", details: { status: 404 } });
  await expect(envoy.listenerAddress("nosuch", { deadlineMs: 1000 })).rejects.toThrow(
    /listener nosuch is bound: not within 1000 ms.*there are \[\]/,
  );
});

test("stopping ends Envoy in order and removes its folder", async () => {
  const envoy = await startEnvoy();
  const folder = await folderOf(envoy);
  expect(existsSync(join(folder, "bootstrap.json"))).toBe(true);
  expect(await envoy.stop()).toEqual({ code: 0, signal: null });
  expectGone(envoy.pid, folder);
  expect(await envoy.stop()).toEqual({ code: 0, signal: null });
  expect(envoy.log()).toContain("caught ENVOY_SIGTERM");
  await expect(envoy.ready({ deadlineMs: 1000 })).rejects.toThrow(/ECONNREFUSED/);
});

test("an Envoy that does not react is killed at the deadline", async () => {
  const envoy = await startEnvoy();
  const folder = await folderOf(envoy);
  process.kill(envoy.pid, "SIGSTOP");
  expect(await envoy.stop({ deadlineMs: 50 })).toEqual({ code: null, signal: "SIGKILL" });
  expectGone(envoy.pid, folder);
});

test("`exited` tells of an Envoy that ended by itself", async () => {
  const envoy = await startEnvoy();
  const folder = await folderOf(envoy);
  await envoy.admin("/quitquitquit", { method: "POST" });
  expect(await envoy.exited).toEqual({ code: 0, signal: null });
  expectGone(envoy.pid, folder);
});

/** A program that notes its process id and its folder before it goes on with the rest of the script. */
async function noting(script: string) {
  const root = await mkdtemp(join(tmpdir(), "rxds-start-"));
  const binary = join(root, "program");
  const head = `#!/bin/sh\necho "$$ $(dirname "$2")" > ${root}/noted\n`;
  await writeFile(binary, head + script, { mode: 0o755 });
  return {
    binary,
    async expectGone() {
      const [pid, folder] = (await readFile(join(root, "noted"), "utf8")).trim().split(" ");
      expectGone(Number(pid), folder!);
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

test("an Envoy that refuses its bootstrap rejects with its exit code and its log, and leaves nothing", async () => {
  await using program = await noting(`exec ${await envoyBinary()} "$@"\n`);
  const failure = startEnvoy({
    binary: program.binary,
    staticResources: { clusters: [{ name: "a" }, { name: "a" }] },
  });
  await expect(failure).rejects.toMatchObject({ code: "envoy-exited", details: { exitCode: 1 } });
  await expect(failure).rejects.toThrow(
    /^Envoy ended while starting \(exit code 1\)\. Its log:\n.*duplicate cluster 'a'/s,
  );
  await program.expectGone();
});

test("a program that never opens an admin interface is killed at the deadline", async () => {
  await using program = await noting("echo I am here\nexec sleep 600\n");
  const failure = startEnvoy({ binary: program.binary, startTimeoutMs: 300 });
  await expect(failure).rejects.toMatchObject({ code: "deadline" });
  await expect(failure).rejects.toThrow("I am here");
  await program.expectGone();
});

test("further flags reach Envoy, and its log level is heard", async () => {
  await using envoy = await startEnvoy({
    logLevel: "info",
    args: ["--service-zone", "z1"],
    concurrency: 2,
  });
  expect((await envoy.serverInfo()).commandLineOptions).toMatchObject({ serviceZone: "z1", concurrency: 2 });
  expect(envoy.log()).toContain("[info]");
});

test("the environment reaches Envoy", async () => {
  await using program = await noting(`echo "probe is $RXDS_PROBE"\nexec ${await envoyBinary()} "$@"\n`);
  await using envoy = await startEnvoy({ binary: program.binary, env: { RXDS_PROBE: "1" } });
  expect(envoy.log()).toContain("probe is 1\n");
});

test("many Envoys run at once", async () => {
  const envoys = await Promise.all([1, 2, 3].map((n) => startEnvoy({ node: { id: `n${n}` } })));
  const ids = await Promise.all(envoys.map(async (envoy) => (await envoy.serverInfo()).node?.id));
  expect(ids).toEqual(["n1", "n2", "n3"]);
  expect(await Promise.all(envoys.map((envoy) => envoy.stop()))).toHaveLength(3);
});
