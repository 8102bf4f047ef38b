import { spawnSync } from "node:child_process";
import { appendFileSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RedirectSinkOptions, redirectSink, redirectStatus, removeRedirect } from "@rxds/ebpf";
import type { RedirectedWorkload, RedirectPlan } from "@rxds/mesh";
import { startEnvoy } from "@rxds/testkit";
import { BehaviorSubject, filter, firstValueFrom } from "rxjs";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { attachOther, refused, unknownHelper } from "../../packages/ebpf/spec-support/tiny-program.js";
import { EbpfRedirects } from "../mesh/lab/ebpf-redirects.js";
import { envoyCgroup } from "../mesh/lab/proxies.js";
import { root } from "../testkit/lab-support.js";
import { OBJECT } from "./support/bpffs.js";
import { type RedAndBlue, redAndBlue } from "./support/red-and-blue.js";

const VIP = { address: "10.96.0.1", port: 81 };

let of: RedAndBlue;
beforeAll(async () => {
  of = await redAndBlue({ redirect: "none", bpf: true });
});
afterAll(() => of?.[Symbol.asyncDispose]());

let generations = 0;
/** A plan that sends workloads to the node's Envoy for one address. */
function planOf(...workloads: RedirectedWorkload[]): RedirectPlan {
  generations++;
  const to = { address: "10.244.1.1", port: 15_001 };
  const entries = [{ ...VIP, protocol: "tcp" as const, service: "default/red", to, listeners: [] }];
  return { node: "n1", generation: `g${generations}`, groups: [{ proxy: "node~n1", workloads, entries }] };
}

const pod = (name: string) => of.world.pods.get(`default/${name}`)!;
const byNetns = (name: string) => ({
  name: `default/${name}`,
  addresses: [],
  networkNamespace: `/run/netns/${pod(name).netns}`,
});

/** A sink of the first node, closed when the test is over. */
async function sinkFor(plan: RedirectPlan, options: Partial<RedirectSinkOptions> = {}) {
  const { lab, places } = of.world;
  const pins = `${lab.bpffs}/${plan.generation}`;
  const plan$ = new BehaviorSubject(plan);
  const all = { plan$, ...EbpfRedirects.optionsOf({ lab, places }, "n1"), pins, watchProxiesMs: 20, ...options };
  // Newest first: the sink lets go before what it made is removed, also when it cannot be made whole.
  onTestFinished(() => void removeRedirect({ pins: all.pins }));
  const sink = await redirectSink(all);
  onTestFinished(() => sink.close());
  return { sink, plan$, options: all };
}

const dial = async (name: string) => (await of.agent(name)).tcp({ ...VIP, send: "x\n", timeoutMs: 400 });
const REDIRECTED = { received: "red: x\n" };
const LEFT_ALONE = { error: "timeout" };

describe("who is redirected", () => {
  test("a workload that is known by its cgroup, and none beside it", async () => {
    const { sink } = await sinkFor(planOf({ name: "default/late", addresses: [], cgroup: pod("late").cgroup }));
    expect((await firstValueFrom(sink.applied$)).problems).toEqual([]);
    expect(await dial("late")).toMatchObject(REDIRECTED);
    expect(await dial("client")).toEqual(LEFT_ALONE);
  });

  test("never a proxy, also in the network namespace of a workload that is: it would be sent to itself", async () => {
    const { sink } = await sinkFor(planOf(byNetns("client")));
    await firstValueFrom(sink.applied$);
    const connect = `const s = require("net").connect(${VIP.port}, "${VIP.address}", () => s.write("x\\n"));
      s.on("data", (d) => { console.log(String(d)); s.destroy(); }).setTimeout(400, () => { console.log("timeout"); s.destroy(); });`;
    const from = (cgroup: string) => {
      const enter = `echo $$ > ${cgroup}/cgroup.procs && exec nsenter --net=/run/netns/${pod("client").netns} "$@"`;
      return spawnSync("sh", ["-c", enter, "sh", process.execPath, "-e", connect], { encoding: "utf8" }).stdout.trim();
    };
    expect(from(pod("client").cgroup)).toBe("red: x");
    expect(from(envoyCgroup(pod("client")))).toBe("timeout");
  });

  test("nobody who shares the node's network, by its namespace or by its cgroup", async () => {
    const node = of.world.nodes.get("n1")!;
    const shared = { name: "default/shared", addresses: [], networkNamespace: `/run/netns/${node.netns}` };
    const { sink } = await sinkFor(planOf(shared, { name: "default/host", addresses: [], cgroup: node.cgroup }));
    expect((await firstValueFrom(sink.applied$)).problems).toMatchObject([
      { kind: "host-network", workload: "default/shared" },
    ]);
    const agent = await node.agent();
    expect(await agent.tcp({ ...VIP, send: "x\n", timeoutMs: 400 })).toMatchObject({ error: expect.any(String) });
    // Pods are in the node's cgroup too, with networks of their own.
    expect(await dial("client")).toMatchObject(REDIRECTED);
  });
});

describe("what is told", () => {
  test("a proxy that was started outside of what the programs cover", async () => {
    const { nodes } = of.world;
    const n1 = nodes.get("n1")!;
    const outside = await startEnvoy({
      netns: n1.netns,
      staticResources: { listeners: [tcpListener("10.244.1.1", 16_001)] },
    });
    try {
      const plan = planOf(byNetns("client"));
      const [group] = plan.groups;
      const entries = group!.entries.map((entry) => ({ ...entry, to: { address: "10.244.1.1", port: 16_001 } }));
      const { sink } = await sinkFor({ ...plan, groups: [{ ...group!, entries }] });
      const { problems } = await firstValueFrom(sink.applied$.pipe(filter(({ problems }) => problems.length > 0)));
      expect(problems).toMatchObject([
        { kind: "uncovered", message: expect.stringContaining("10.244.1.1 port 16001") },
      ]);
    } finally {
      await outside.stop();
    }
  });

  test("a folder on no BPF file system, a cgroup that there is not, pins that another sink has", async () => {
    await expect(sinkFor(planOf(), { pins: "/tmp/rxds-no-bpffs" })).rejects.toMatchObject({
      code: "no-bpffs",
      message: expect.stringContaining("mount -t bpf"),
    });
    await expect(sinkFor(planOf(), { cgroup: "/no/such/cgroup" })).rejects.toMatchObject({ code: "no-cgroup2" });
    const { options } = await sinkFor(planOf());
    await expect(redirectSink(options)).rejects.toMatchObject({ code: "busy" });
  });

  test("another program that has a hook to itself, by name; one beside which there is room is a problem to know of", async () => {
    const { cgroup } = of.world.nodes.get("n1")!;
    const alone = attachOther(cgroup, "selfish");
    try {
      await expect(sinkFor(planOf())).rejects.toMatchObject({
        code: "hook-taken",
        message: expect.stringMatching(/connect4.*selfish \(id \d+\).*BPF_F_ALLOW_MULTI/s),
      });
    } finally {
      alone.detach();
    }
    const beside = attachOther(cgroup, "social", { multi: true });
    try {
      const { sink } = await sinkFor(planOf(byNetns("client")));
      expect((await firstValueFrom(sink.applied$)).problems).toMatchObject([
        { kind: "other-programs", message: expect.stringContaining("social (id ") },
      ]);
      expect(await dial("client")).toMatchObject(REDIRECTED);
    } finally {
      beside.detach();
    }
  });

  test("a helper that the kernel does not know: which, and since when kernels do", () => {
    // As an older kernel says it of bpf_set_retval, which is 187 in all.
    const { errno, log } = unknownHelper(9187);
    expect(refused("redirect.bpf.o", errno, [log.replaceAll("9187", "187")])).toMatchObject({
      code: "old-kernel",
      details: { feature: "bpf_set_retval", since: "5.18" },
    });
  });

  test("capabilities that are missing", () => {
    const program = join(root, "packages/ebpf/dist/cli/main.js");
    const { stderr, status } = spawnSync(
      "setpriv",
      ["--bounding-set=-bpf,-net_admin", process.execPath, program, "status"],
      {
        encoding: "utf8",
      },
    );
    expect(stderr).toMatch(/^rxds-ebpf: no-privilege: .*lacks CAP_NET_ADMIN \(.*\), CAP_BPF \(.*\)$/m);
    expect(status).toBe(2);
  });
});

test("programs are replaced while connections are made: none is lost, and the links stay", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rxds-object-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const other = join(folder, "other.bpf.o");
  copyFileSync(OBJECT, other);
  appendFileSync(other, "another build");
  const plan = planOf(byNetns("client"));
  const { sink, options } = await sinkFor(plan);
  await firstValueFrom(sink.applied$);
  const client = await of.agent("client");
  await using open = await client.open(VIP);
  const before = await redirectStatus({ pins: options.pins });
  await sink.close();
  let upgraded = false;
  const connecting = (async () => {
    const results = [];
    do results.push(await client.connectMany({ to: VIP, count: 200, concurrency: 4, expect: ["red"] }));
    while (!upgraded);
    return results;
  })();
  for (const object of [other, OBJECT, other]) {
    const next = await redirectSink({ ...options, object });
    expect(next.start).toBe("upgraded");
    await firstValueFrom(next.applied$);
    await next.close();
  }
  upgraded = true;
  expect((await connecting).filter(({ failed }) => failed > 0)).toEqual([]);
  const after = await redirectStatus({ pins: options.pins });
  expect(after.links.map(({ link }) => link)).toEqual(before.links.map(({ link }) => link));
  expect(after.links.every(({ program }, i) => program !== before.links[i]!.program)).toBe(true);
  expect(await open.exchange("still")).toBe("red: still");
});

/** A TCP listener that leads nowhere. */
function tcpListener(address: string, port: number) {
  return {
    name: "outside",
    address: {
      address: {
        case: "socketAddress" as const,
        value: { address, portSpecifier: { case: "portValue" as const, value: port } },
      },
    },
    filterChains: [{}],
  };
}
