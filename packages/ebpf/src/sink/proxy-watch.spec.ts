import { expect, test } from "vitest";
import { addNetns, entry, group, plan } from "../../spec-support/plans.js";
import type { Listening } from "../kernel/kernel.js";
import { type OpenMachine, openMachine } from "../kernel/memory/memory-kernel.js";
import { idOf } from "../kernel/memory/memory-programs.js";
import { addressBytes } from "../layout/address.js";
import { doorsOf, ProxyWatch } from "./proxy-watch.js";

const HOST = "/run/netns/host";
const shared = group(
  "node~n1",
  ["a"],
  [
    entry("10.96.0.1", 80, "10.0.0.1:15001"),
    entry("10.96.0.2", 80, "10.0.0.1:15001"),
    entry("10.96.0.2", 53, "10.0.0.1:15100", { protocol: "udp" }),
  ],
);
const sidecar = group(
  "sidecar~default/b",
  ["b"],
  [entry("10.96.0.1", 80, "127.0.0.1:15001"), entry("fd00::1", 80, "[::1]:15001")],
);
const socket = (address: string, port: number, more: Partial<Listening> = {}): Listening => ({
  address: addressBytes(address),
  port,
  waiting: 0,
  backlog: 128,
  ...more,
});

async function watch(on: OpenMachine) {
  const doors = await doorsOf(plan(shared, sidecar), HOST);
  const { places } = on.process();
  const of = new ProxyWatch(places, "/sys/fs/cgroup");
  return { doors, look: (now?: number) => of.look(doors, now) };
}

test("a door is each address that TCP entries lead to, loopback ones in their workload's namespace", async () => {
  expect(
    (await doorsOf(plan(shared, sidecar), HOST)).map((d) => [d.proxy, d.networkNamespace, d.text, d.port]),
  ).toEqual([
    ["node~n1", HOST, "10.0.0.1", 15001],
    ["sidecar~default/b", "/run/netns/b", "127.0.0.1", 15001],
    ["sidecar~default/b", "/run/netns/b", "::1", 15001],
  ]);
});

test("a proxy is away when a door of it is not listened at", async () => {
  const on = openMachine();
  const { look } = await watch(on);
  expect([...(await look()).away]).toEqual(["node~n1", "sidecar~default/b"]);
  on.listening.set(HOST, [socket("10.0.0.1", 15001)]);
  on.listening.set("/run/netns/b", [socket("127.0.0.1", 15001)]);
  expect([...(await look()).away]).toEqual(["sidecar~default/b"]);
  on.listening.set("/run/netns/b", [socket("127.0.0.1", 15001), socket("::", 15001)]);
  expect([...(await look()).away]).toEqual([]);
  on.listening.set(HOST, [socket("10.0.0.2", 15001), socket("10.0.0.1", 15002)]);
  expect([...(await look()).away]).toEqual(["node~n1"]);
});

test("what listens on another machine is not looked at", async () => {
  const on = openMachine();
  on.elsewhere.add("10.0.0.1");
  expect([...(await (await watch(on)).look()).away]).toEqual(["sidecar~default/b"]);
});

test("a proxy in a namespace that is gone is not looked at", async () => {
  const on = openMachine();
  on.listening.set(HOST, [socket("10.0.0.1", 15001)]);
  const { doors } = await watch(on);
  const { places } = on.process();
  const listening = async (path: string) => {
    if (path !== HOST) throw new Error(`ENOENT: ${path}`);
    return places.listening(path);
  };
  expect([...(await new ProxyWatch({ ...places, listening }, "/sys/fs/cgroup").look(doors)).away]).toEqual([]);
});

test("a proxy that accepts nothing is away once connections wait for a while, and none was taken", async () => {
  const on = openMachine();
  const { look } = await watch(on);
  on.listening.set("/run/netns/b", [socket("0.0.0.0", 15001), socket("::1", 15001)]);
  const looks = async (queue: readonly number[]) => {
    const seen: number[] = [];
    for (const [i, waiting] of queue.entries()) {
      on.listening.set(HOST, [
        socket("10.0.0.1", 15001, { waiting: waiting - 1 }),
        socket("10.0.0.1", 15001, { waiting: 1 }),
      ]);
      seen.push((await look(i * 500)).away.size);
    }
    return seen;
  };
  expect(await looks([3, 3, 4, 9, 9, 9])).toEqual([0, 0, 0, 0, 1, 1]);
  // One that takes some is only busy, however many wait.
  expect(await looks([300, 400, 399, 600, 700, 650, 800, 900])).toEqual(Array(8).fill(0));
  on.listening.set(HOST, [socket("10.0.0.1", 15001)]);
  expect((await look(9000)).away.size).toBe(0);
  expect((await look(20_000)).away.size).toBe(0);
});

test("a listener that was made outside of what the programs cover is told", async () => {
  const on = openMachine();
  on.cgroups.add("/sys/fs/cgroup/node").add("/sys/fs/cgroup/node/envoy").add("/sys/fs/cgroup/elsewhere");
  addNetns(on, "b");
  const inside = { cgroup: idOf("/sys/fs/cgroup/node/envoy") };
  on.listening.set("/run/netns/b", [socket("127.0.0.1", 15001, inside), socket("::1", 15001, inside)]);
  on.listening.set(HOST, [socket("10.0.0.1", 15001, { cgroup: idOf("/sys/fs/cgroup/elsewhere") })]);
  const { doors } = await watch(on);
  const { problems } = await new ProxyWatch(on.process().places, "/sys/fs/cgroup/node").look(doors);
  expect(problems).toMatchObject([
    { kind: "uncovered", message: expect.stringContaining("10.0.0.1 port 15001 was made outside of") },
  ]);
});
