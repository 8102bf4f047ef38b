import { execFile } from "node:child_process";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { loadMesh, planRedirects } from "@rxds/mesh";
import type { LabAgent, LabNode, LabPod } from "@rxds/testkit";
import { beforeAll, expect, test } from "vitest";
import { startAgentProgram } from "./agent-program.js";
import { type EbpfLab, ebpfLab } from "./ebpf-lab.js";
import { build, root, startProgram } from "./program.js";

beforeAll(() => build("examples/node-mesh-ebpf", "packages/agent", "packages/testkit"));

const VIP = "10.96.0.10";
const run = promisify(execFile);

/** Makes what the documents of the example speak of, and puts the pods' network namespaces into a copy of them. */
async function makePlaces({ lab, folder }: EbpfLab) {
  const [a, b] = await Promise.all([
    lab.node("node-a", { addresses: ["10.244.1.1"] }),
    lab.node("node-b", { addresses: ["10.244.2.1"] }),
  ]);
  const [web, reports, orders] = await Promise.all([
    a.pod("web", { addresses: ["10.244.1.10"], blackhole: true }),
    a.pod("reports", { addresses: ["10.244.1.11"], blackhole: true }),
    b.pod("orders", { addresses: ["10.244.2.10"] }),
  ]);
  const mesh = join(folder, "mesh");
  await cp(join(root, "examples/node-mesh-ebpf/mesh"), mesh, { recursive: true });
  for (const pod of [web, reports, orders])
    await edit(join(mesh, "workloads.yaml"), `netns/${pod.name}`, `netns/${pod.netns}`);
  return { a, b, web, reports, orders, mesh };
}

async function edit(file: string, from: string, to: string): Promise<void> {
  const text = await readFile(file, "utf8");
  expect(text).toContain(from);
  await writeFile(file, text.replace(from, to));
}

/** The example's way to look at a node's kernel. */
async function ebpf(node: LabNode, pins: string, ...args: string[]): Promise<string> {
  const main = join(root, "packages/ebpf/dist/cli/main.js");
  const inside = [`--net=/run/netns/${node.netns}`, process.execPath, main, ...args, "--pins", pins];
  return (await run("nsenter", inside)).stdout;
}

async function reach(agent: LabAgent) {
  const http = async (path: string) => {
    const answer = await agent.http({ url: `http://${VIP}${path}` });
    return answer.error ?? `${answer.status} ${answer.headers["x-upstream"] ?? "-"}`;
  };
  const tcp = await agent.tcp({ address: VIP, port: 6379, send: "ping\n" });
  const udp = await agent.udp({ address: VIP, port: 8125, send: "ping" });
  return {
    orders: await http("/"),
    admin: await http("/admin"),
    tcp: tcp.error ?? tcp.received,
    udp: udp.error ?? udp.received,
  };
}

async function serve(pod: LabPod): Promise<void> {
  const agent = await pod.agent();
  await agent.serveHttp({ port: 8080, name: pod.name });
  await agent.serveTcp({ port: 6379, name: pod.name });
  await agent.serveUdp({ port: 8125, name: pod.name });
}

test("the kernel leads pods to the Envoy of their node, also one that is enrolled by an edit, until it is removed", async () => {
  await using of = await ebpfLab();
  const { a, b, web, reports, orders, mesh } = await makePlaces(of);
  await serve(orders);
  await using program = startProgram(["examples/node-mesh-ebpf/dist/main.js", mesh, of.ads]);
  await program.until(/^serving /m);
  await using _a = await of.startEnvoy(a);
  await using _b = await of.startEnvoy(b);
  const place = of.agentPlace(a);
  await using agent = startAgentProgram(place);
  await using other = startAgentProgram(of.agentPlace(b));

  const planOf = async (node: LabNode) => planRedirects(await loadMesh(mesh), node.name);
  const inForce = async (node: LabNode, from: typeof agent) => {
    const { generation, groups } = await planOf(node);
    const count = groups.flatMap(({ entries }) => entries).length;
    return from.until(
      ({ applied, entries }) => applied === generation && entries === count,
      `plan ${generation} with ${count} entries is in force on ${node.name}`,
    );
  };
  expect(await inForce(a, agent)).toMatchObject({ connection: "connected", entries: 3, problems: [] });
  expect(await inForce(b, other)).toMatchObject({ entries: 3, problems: [] });

  const caller = await web.agent();
  expect(await reach(caller)).toEqual({
    orders: "200 orders",
    admin: "403 -",
    tcp: "orders: ping\n",
    udp: "orders: ping",
  });
  const late = await reports.agent();
  expect(await reach(late)).toEqual({ orders: "EINVAL", admin: "EINVAL", tcp: "EINVAL", udp: "EINVAL" });

  await edit(join(mesh, "mesh.yaml"), "[shop]", "[shop, ops]");
  await inForce(a, agent);
  expect(await reach(late)).toMatchObject({
    orders: "200 orders",
    admin: "200 orders",
    tcp: "orders: ping\n",
    udp: "orders: ping",
  });

  const plan = await planOf(a);
  const file = join(of.folder, "plan.json");
  await writeFile(file, JSON.stringify(plan));
  const { pins } = place;
  expect(await ebpf(a, pins, "verify", file)).toBe(`the kernel is as plan ${plan.generation} says\n`);
  const status = JSON.parse(await ebpf(a, pins, "status", "--json"));
  expect(status).toMatchObject({ plan: plan.generation, entries: 3, workloads: 2, away: [] });
  expect(status.counters).toMatchObject([{ service: "shop/orders", failed: 0, refused: 0 }]);
  const dump = await ebpf(a, pins, "dump");
  expect(dump).toContain(`tcp ${VIP}:80 (shop/orders) to 10.244.1.1:15001 (node~node-a)`);
  expect(dump).toContain("enrolled ops/reports for node~node-a");

  agent.kill("SIGTERM");
  expect(await agent.ended).toBe(0);
  expect(await reach(late)).toMatchObject({ orders: "200 orders" });
  expect(await ebpf(a, pins, "remove")).toMatch(/^removed \d+ links and \d+ maps\n$/);
  expect(await reach(late)).toMatchObject({ orders: "EINVAL" });
  other.kill("SIGINT");
  expect(await other.ended).toBe(0);
  await ebpf(b, of.agentPlace(b).pins, "remove");
  // Two files are the file system's own.
  expect(await readdir(of.lab.bpffs)).toEqual(["maps.debug", "progs.debug"]);
});
