import { eventually, type LabPlace, netLab, type RedirectRule } from "@rxds/testkit";
import { beforeAll, expect, test } from "vitest";
import { addresses, at, buildTestkit, echoOf, VIRTUAL } from "./lab-support.js";

beforeAll(buildTestkit);

const VIPS = ["10.96.0.10", "fd00:96::10"] as const;

/** A node with a client and two backends, `a` and `b`, that serve HTTP on 9000 and TCP on 9001. */
async function small() {
  const lab = await netLab(VIRTUAL);
  const node = await lab.node("n1", addresses(1, 1));
  const make = (name: string, host: number) => node.pod(name, addresses(1, host));
  const [client, a, b] = await Promise.all([make("client", 2), make("a", 3), make("b", 4)]);
  for (const pod of [a, b]) {
    const agent = await pod.agent();
    await agent.serveHttp({ port: 9000, name: pod.name });
    await agent.serveTcp({ port: 9001, name: pod.name });
  }
  return { node, client, a, b, from: await client.agent(), [Symbol.asyncDispose]: lab.close };
}

/** Rules that send HTTP (80) and TCP (81) of both virtual IPs to a backend. */
function toBackend(backend: LabPlace, from?: readonly string[]): RedirectRule[] {
  return VIPS.flatMap((address, family) =>
    [0, 1].map((index) => ({
      protocol: "tcp" as const,
      address,
      port: 80 + index,
      to: { address: backend.addresses[family]!, port: 9000 + index },
      ...(from && { from }),
    })),
  );
}

test.each(["node", "client"] as const)("rules of a %s are replaced under traffic without a gap", async (where) => {
  await using lab = await small();
  const { from, a, b } = lab;
  const place = lab[where];
  await place.redirect(toBackend(a));
  // A connection that falls into a gap is tried again by the kernel after one second: that would be too late.
  const options = { loops: 2, newConnectionEvery: 1, timeoutMs: 900 };
  const loads = await Promise.all(VIPS.map((vip) => from.startLoad({ url: `http://${at(vip, 80)}/`, ...options })));
  const before = await Promise.all(loads.map((load) => load.report()));
  for (let round = 0; round < 20; round += 1) {
    // With other sets of sources the chains come and go, too.
    await place.redirect(toBackend(round % 2 === 0 ? b : a, round % 3 === 0 ? undefined : lab.client.addresses));
  }
  await place.redirect(toBackend(b));
  for (const [index, load] of loads.entries()) {
    const at = (await load.report()).byAnswer.b ?? 0;
    await eventually(async () => ((await load.report()).byAnswer.b ?? 0) > at);
    const { requests, failures, byAnswer } = await load.stop();
    expect(failures).toEqual({});
    expect(requests).toBeGreaterThan(before[index]!.requests + 20);
    expect(Object.keys(byAnswer).sort()).toEqual(["a", "b"]);
  }
});

test("only the named sources are redirected, and an empty list ends all", async () => {
  await using lab = await small();
  const { node, from, a, b, client } = lab;
  const other = await b.agent();
  await node.redirect([...toBackend(a, client.addresses), ...toBackend(b, a.addresses)]);
  for (const vip of VIPS) {
    const url = `http://${at(vip, 80)}/`;
    expect(echoOf(await from.http({ url }))).toMatchObject({ name: "a" });
    expect(await other.http({ url, timeoutMs: 150 })).toEqual({ error: "timeout" });
    expect(await from.http({ address: vip, port: 82, timeoutMs: 150 })).toEqual({ error: "timeout" });
  }
  await node.redirect([]);
  expect(await from.http({ address: VIPS[1], port: 80, timeoutMs: 150 })).toEqual({ error: "timeout" });
  const { stdout } = await node.run("iptables", ["-t", "nat", "-S", "RXDS-PREROUTING"]);
  expect(stdout).toBe("-N RXDS-PREROUTING\n");
});

test("open connections stay where they are when rules come and go", async () => {
  await using lab = await small();
  const { node, client, from, a, b } = lab;
  const direct = await Promise.all(a.addresses.map((address) => from.open({ address, port: 9001 })));
  const enrol = (place: LabPlace) =>
    place.redirect(
      a.addresses.map((address, family) => ({
        protocol: "tcp",
        address,
        port: 9001,
        to: { address: b.addresses[family]!, port: 9001 },
      })),
    );
  for (const place of [node, client]) {
    await enrol(place);
    for (const [family, address] of a.addresses.entries()) {
      expect(await direct[family]!.exchange("still")).toBe("a: still");
      expect(await from.tcp({ address, port: 9001, send: "new\n" })).toMatchObject({ received: "b: new\n" });
    }
    const redirected = await from.open({ address: a.addresses[0]!, port: 9001 });
    await place.redirect([]);
    expect(await redirected.exchange("still")).toBe("b: still");
    expect(await from.tcp({ address: a.addresses[0]!, port: 9001, send: "new\n" })).toMatchObject({
      received: "a: new\n",
    });
  }
});

test("what arrives at a pod is redirected to another of its ports, but not what it sends itself", async () => {
  await using lab = await small();
  const { from, a } = lab;
  const own = await a.agent();
  await own.serveTcp({ port: 15006, name: "inbound" });
  const open = await from.open({ address: a.addresses[0]!, port: 9001 });
  await a.redirectInbound({ ports: [9000, 9001], to: 15006 });
  for (const address of a.addresses) {
    expect(await from.tcp({ address, port: 9001, send: "x\n" })).toMatchObject({ received: "inbound: x\n" });
    expect(await own.tcp({ address, port: 9001, send: "x\n" })).toMatchObject({ received: "a: x\n" });
  }
  expect(await open.exchange("still")).toBe("a: still");
  await a.redirectInbound({ ports: [9000], to: 15006 });
  for (const address of a.addresses) {
    expect(await from.tcp({ address, port: 9001, send: "x\n" })).toMatchObject({ received: "a: x\n" });
    expect(await from.tcp({ address, port: 9000, send: "x\n" })).toMatchObject({ received: "inbound: x\n" });
  }
  await a.redirectInbound(undefined);
  expect(echoOf(await from.http({ address: a.addresses[1]!, port: 9000 }))).toMatchObject({ name: "a" });
});
