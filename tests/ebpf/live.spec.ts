import { editMesh, type Mesh } from "@rxds/mesh";
import type { AgentLoad, LabAgent } from "@rxds/testkit";
import { eventually } from "@rxds/testkit";
import { firstValueFrom } from "rxjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EbpfRedirects } from "../mesh/lab/ebpf-redirects.js";
import type { RedirectSink as IptablesRedirects } from "../mesh/lab/redirect-sink.js";
import { withTopology } from "../mesh/lab/world.js";
import { VIPS } from "./support/documents.js";
import { type RedAndBlue, redAndBlue } from "./support/red-and-blue.js";

const URL = `http://${VIPS.blue[0]}/`;
const URL6 = `http://[${VIPS.blue[1]}]/`;

/** The mesh with a workload enrolled, or not. */
function enrolled(mesh: Mesh, name: string, on: boolean): Mesh {
  const workload = mesh.documents.get(`Workload default/${name}`);
  if (workload?.kind !== "Workload") throw new Error(`expected a workload ${name}`);
  const { mesh: _, ...others } = workload.metadata.labels ?? {};
  const labels = on ? { ...others, mesh: "on" } : others;
  return editMesh(mesh, { set: [{ ...workload, metadata: { ...workload.metadata, labels } }] });
}

/** Waits until loads went on for a while. */
async function progress(loads: readonly AgentLoad[]): Promise<void> {
  const before = await Promise.all(loads.map((load) => load.report()));
  await eventually(
    async () => {
      const now = await Promise.all(loads.map((load) => load.report()));
      return now.every(({ requests }, i) => requests > before[i]!.requests + 20);
    },
    { deadlineMs: 20_000, describe: "the loads go on" },
  );
}

const failed = (results: readonly { readonly failed: number; readonly failures: unknown }[]) =>
  results.map(({ failed, failures }) => ({ failed, failures }));
const NONE = { failed: 0, failures: {} };

describe("pods that run", () => {
  let of: RedAndBlue;
  beforeAll(async () => {
    of = await redAndBlue();
  });
  afterAll(() => of?.[Symbol.asyncDispose]());

  test("one is enrolled and removed again; its process and its connections go on", async () => {
    const { world } = of;
    const late = await of.agent("late");
    const { pid } = late;
    const vip = { address: VIPS.red[0], port: 81 };
    await using direct = await late.open({ address: "10.244.1.20", port: 9001 });
    expect(await direct.exchange("one")).toBe("red: one");
    expect(await late.tcp({ ...vip, send: "x\n", timeoutMs: 300 })).toEqual({ error: "timeout" });

    await world.apply(enrolled(world.mesh(), "late", true));
    await using redirected = await late.open(vip);
    expect(redirected.remoteAddress).toBe("10.96.0.1:81");
    expect(await redirected.exchange("two")).toBe("red: two");
    expect(await direct.exchange("three")).toBe("red: three");

    await world.apply(enrolled(world.mesh(), "late", false));
    expect(await late.tcp({ ...vip, send: "x\n", timeoutMs: 300 })).toEqual({ error: "timeout" });
    expect(await redirected.exchange("four")).toBe("red: four");
    expect(await direct.exchange("five")).toBe("red: five");
    expect((await of.agent("late")).pid).toBe(pid);
  }, 60_000);

  test("the whole mesh goes from one Envoy per node to sidecars and back, all redirected in the kernel: no request fails", async () => {
    const { world } = of;
    const clients = await Promise.all([of.agent("client"), of.agent("far-client")]);
    const loads = await Promise.all([
      clients[0].startLoad({ url: URL, loops: 4, intervalMs: 2, newConnectionEvery: 5 }),
      clients[0].startLoad({ url: URL6, loops: 2, intervalMs: 2 }),
      clients[1].startLoad({ url: URL, loops: 2, intervalMs: 2, newConnectionEvery: 3 }),
    ]);
    const running: string[][] = [];
    for (const topology of ["sidecar", "node", "sidecar", "node"] as const) {
      await progress(loads);
      await world.apply(withTopology(world.mesh(), topology));
      running.push([...world.proxies.running.keys()].sort());
    }
    await progress(loads);
    const results = await Promise.all(loads.map((load) => load.stop()));
    const [sidecars, nodes] = [
      ["sidecar~default/client", "sidecar~default/far-client"],
      ["node~n1", "node~n2"],
    ];
    expect(running).toEqual([sidecars, nodes, sidecars, nodes]);
    expect(failed(results)).toEqual([NONE, NONE, NONE]);
  }, 120_000);
});

describe("a mesh that iptables redirects", () => {
  let of: RedAndBlue;
  let clients: readonly LabAgent[];
  beforeAll(async () => {
    of = await redAndBlue({ redirect: "iptables", bpf: true });
    clients = await Promise.all([of.agent("client"), of.agent("far-client")]);
  });
  afterAll(() => of?.[Symbol.asyncDispose]());

  test("goes over to the kernel's sockets, from sidecars and then to one Envoy per node, under load: no request fails", async () => {
    const { world } = of;
    await world.apply(withTopology(world.mesh(), "sidecar"));
    const loads = await Promise.all(
      clients.flatMap((client) => [
        client.startLoad({ url: URL, loops: 3, intervalMs: 2, newConnectionEvery: 4 }),
        client.startLoad({ url: URL6, loops: 1, intervalMs: 2 }),
      ]),
    );
    await progress(loads);
    const iptables = world.redirects as IptablesRedirects;
    await iptables.settled();
    const { plane, server, lab, places } = world;
    const ebpf = await EbpfRedirects.start({ plane, server, lab, places, inbound: iptables.inboundPorts });
    try {
      await ebpf.settled();
      // From here on nothing that is dialed reaches the rules.
      await iptables.removeOutbound();
      await iptables.stop();
      await progress(loads);
      const node = withTopology(world.mesh(), "node");
      await world.proxies.start(node);
      world.announce(node);
      await ebpf.settled();
      await world.proxies.stopOthers(node);
      await progress(loads);
      expect([...world.proxies.running.keys()].sort()).toEqual(["node~n1", "node~n2"]);
      expect(failed(await Promise.all(loads.map((load) => load.stop())))).toEqual(loads.map(() => NONE));
      for (const node of places.nodes.keys()) {
        expect(ebpf.applied(node).problems).toEqual([]);
        const counters = await firstValueFrom(ebpf.sinks.get(node)!.counters());
        expect(counters.find(({ service }) => service === "default/blue")?.connections).toBeGreaterThan(20);
      }
    } finally {
      await ebpf.stop();
    }
  }, 120_000);
});
