import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { netLab, type RedirectRule, startEnvoy } from "@rxds/testkit";
import { createSnapshot, serveXds, staticCluster } from "rxds";
import { of } from "rxjs";
import { beforeAll, expect, test } from "vitest";
import { redirectTarget, udpForwarder, type VirtualService } from "./lab-envoy-resources.js";
import { addresses, at, buildTestkit, echoOf, twoNodes, VIRTUAL } from "./lab-support.js";
import { expectGone, folderOf } from "./leftovers.js";

beforeAll(buildTestkit);

const VIPS = ["10.96.0.10", "fd00:96::10"] as const;

/** HTTP on port 80 and TCP on port 81 of both virtual IPs, to ports 9000 and 9001 of a backend's addresses. */
function servicesTo(backend: readonly string[]): VirtualService[] {
  return VIPS.flatMap((vip, family) =>
    (["http", "tcp"] as const).map((protocol, index) => ({
      protocol,
      virtual: { address: vip, port: 80 + index },
      backend: { address: backend[family]!, port: 9000 + index },
    })),
  );
}

/** Rules that redirect services to port 15001 of addresses. */
function rulesTo(services: readonly VirtualService[], to: readonly string[], from?: readonly string[]): RedirectRule[] {
  return services.map(({ virtual }) => ({
    protocol: "tcp",
    ...virtual,
    to: { address: to[virtual.address.includes(":") ? 1 : 0]!, port: 15001 },
    ...(from === undefined ? {} : { from }),
  }));
}

const listening = (addresses: readonly string[]) => addresses.map((address) => ({ address, port: 15001 }));

test("an Envoy in a node serves virtual IPs to that node's enrolled pods, and knows who asked for what", async () => {
  await using lab = await netLab(VIRTUAL);
  const { nodes, pods } = await twoNodes(lab);
  const [node] = nodes;
  const [client, other] = pods[0]!;
  const backend = pods[1]![0]!;
  const services = servicesTo(backend.addresses);
  await using envoy = await startEnvoy({
    netns: node!.netns,
    staticResources: redirectTarget(listening(node!.addresses), services),
  });
  await node!.redirect(rulesTo(services, node!.addresses, client!.addresses));
  const [from, notEnrolled, to] = await Promise.all([client!.agent(), other!.agent(), backend.agent()]);
  await to.serveHttp({ port: 9000, name: "echo" });
  await to.serveTcp({ port: 9001, name: "tcp" });
  await envoy.ready();
  for (const [family, vip] of VIPS.entries()) {
    const outcome = await from.http({ url: `http://${at(vip, 80)}/a`, host: "web.test" });
    expect(outcome).toMatchObject({ remoteAddress: at(vip, 80) });
    const echo = echoOf(outcome);
    expect(echo.remoteAddress).toContain(node!.addresses[family]);
    expect(echo.headers).toMatchObject({ host: "web.test", "x-forwarded-for": client!.addresses[family] });
    expect(await from.tcp({ address: vip, port: 81, send: "hi\n" })).toMatchObject({ received: "tcp: hi\n" });
    expect(await notEnrolled.http({ address: vip, port: 80, timeoutMs: 200 })).toEqual({ error: "timeout" });
  }
  const stats = await envoy.stats("^http.http.downstream_rq_total$");
  expect([...stats.values()]).toEqual([2]);
});

test("an Envoy beside the pod's own processes serves virtual IPs to them, at the loopback address", async () => {
  await using lab = await netLab(VIRTUAL);
  const { pods } = await twoNodes(lab);
  const client = pods[0]![0]!;
  const backend = pods[1]![0]!;
  const loopback = ["127.0.0.1", "::1"];
  const services = servicesTo(backend.addresses);
  await using envoy = await startEnvoy({
    netns: client.netns,
    staticResources: redirectTarget(listening(loopback), services),
  });
  await client.redirect(rulesTo(services, loopback));
  const [from, to] = await Promise.all([client.agent(), backend.agent()]);
  await to.serveHttp({ port: 9000, name: "echo" });
  await envoy.ready();
  for (const [family, vip] of VIPS.entries()) {
    const echo = echoOf(await from.http({ url: `http://${at(vip, 80)}/a` }));
    expect(echo).toMatchObject({ name: "echo", headers: { "x-forwarded-for": client.addresses[family] } });
    expect(echo.remoteAddress).toContain(client.addresses[family]);
  }
  await client.redirect([]);
  expect(await from.http({ address: VIPS[0], port: 80, timeoutMs: 200 })).toEqual({ error: "timeout" });
});

test("an Envoy forwards UDP that a node redirects to it", async () => {
  await using lab = await netLab(VIRTUAL);
  const { nodes, pods } = await twoNodes(lab);
  const node = nodes[0]!;
  const [client, backend] = [pods[0]![0]!, pods[1]![0]!];
  const [from, to] = await Promise.all([client.agent(), backend.agent()]);
  await to.serveUdp({ port: 53, name: "dns" });
  for (const [family, vip] of VIPS.entries()) {
    const proxy = { address: node.addresses[family]!, port: 15053 };
    await using envoy = await startEnvoy({
      netns: node.netns,
      staticResources: udpForwarder(proxy, { address: backend.addresses[family]!, port: 53 }),
    });
    await envoy.ready();
    await node.redirect([{ protocol: "udp", address: vip, port: 53, to: proxy, from: client.addresses }]);
    expect(await from.udp({ address: vip, port: 53, send: "hi" })).toMatchObject({ received: "dns: hi" });
  }
});

test("an Envoy in a namespace follows a control plane outside of it over a unix socket", async () => {
  await using lab = await netLab();
  const node = await lab.node("n1", addresses(1, 1));
  const ads = `unix:${join(tmpdir(), `rxds-ads-${randomUUID()}`)}`;
  const cluster = staticCluster({ name: "echo", endpoints: ["10.244.1.2:9000"] });
  await using _server = await serveXds({ address: ads, snapshots: of(createSnapshot([cluster])) });
  await using envoy = await startEnvoy({ netns: node.netns, ads });
  await envoy.ready();
  expect((await envoy.clusters()).clusterStatuses.map(({ name }) => name)).toContain("echo");
});

test("an Envoy in a namespace is administered over a unix socket, and ends with all its files", async () => {
  const lab = await netLab();
  const node = await lab.node("n1", { addresses: ["10.244.1.1"] });
  const envoy = await startEnvoy({ netns: node.netns });
  const { pid } = envoy;
  const folder = await folderOf(envoy);
  expect(envoy.adminAddress).toBe(`unix:${folder}/admin`);
  expect((await node.run("readlink", [`/proc/${pid}/ns/net`])).stdout).toBe(
    (await node.run("readlink", ["/proc/self/ns/net"])).stdout,
  );
  await expect(envoy.admin("/nosuch")).rejects.toThrow(`admin interface at unix:${folder}/admin answered 404`);
  // A lab that is closed takes along what still runs in it.
  await lab.close();
  expect(await envoy.exited).toEqual({ code: null, signal: "SIGKILL" });
  expectGone(pid, folder);
  await expect(startEnvoy({ netns: node.netns })).rejects.toMatchObject({ code: "envoy-exited" });
});
