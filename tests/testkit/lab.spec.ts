import { netLab } from "@rxds/testkit";
import { beforeAll, expect, test } from "vitest";
import { addresses, at, buildTestkit, echoOf, namespacesOf, processesIn, twoNodes, VIRTUAL } from "./lab-support.js";
import { alive } from "./leftovers.js";

beforeAll(buildTestkit);

test("a lab of two nodes and six pods is there in no time, and leaves nothing behind", async () => {
  const start = performance.now();
  const lab = await netLab(VIRTUAL);
  const { nodes, pods } = await twoNodes(lab);
  expect(performance.now() - start).toBeLessThan(2000);
  const [first] = pods[0]!;
  const agent = await first!.agent();
  expect(namespacesOf(process.pid)).toHaveLength(9);
  expect(namespacesOf(process.pid)).toContain(first!.netns);
  expect(processesIn(first!.netns)).toEqual([agent.pid]);
  await lab.close();
  expect(namespacesOf(process.pid)).toEqual([]);
  expect(alive(agent.pid)).toBe(false);
  await expect(agent.http({ url: "http://10.244.1.3/" })).rejects.toMatchObject({ code: "agent-failed" });
  await expect(lab.node("late", addresses(3, 1))).rejects.toThrow("the lab is closed");
  await expect(nodes[0]!.pod("late", addresses(1, 9))).rejects.toThrow("the lab is closed");
});

test("a lab that is closed while something is being made leaves nothing behind", async () => {
  const lab = await netLab();
  const node = await lab.node("n1", addresses(1, 1));
  const pods = [2, 3, 4].map((host) => node.pod(`p${host}`, addresses(1, host)));
  await lab.close();
  expect(await Promise.all(pods)).toHaveLength(3);
  expect(namespacesOf(process.pid)).toEqual([]);
});

test("a pod that cannot be made tells what the tool said", async () => {
  await using lab = await netLab();
  const node = await lab.node("n1", addresses(1, 1));
  const failure = node.pod("web", { addresses: ["255.255.255.255"] });
  await expect(failure).rejects.toMatchObject({ code: "lab-failed" });
  await expect(failure).rejects.toThrow(/^making pod web failed \(exit code 1\): .*Command failed/s);
});

test("pods reach each other within a node and across nodes, with their own addresses", async () => {
  await using lab = await netLab(VIRTUAL);
  const { nodes, pods } = await twoNodes(lab);
  const [client, near] = pods[0]!;
  const far = pods[1]![0]!;
  for (const pod of [near!, far]) await (await pod.agent()).serveHttp({ port: 9000, name: pod.name });
  for (const from of [client!, nodes[0]!]) {
    const agent = await from.agent();
    for (const to of [near!, far]) {
      for (const [family, address] of to.addresses.entries()) {
        const outcome = await agent.http({ url: `http://${at(address, 9000)}/` });
        expect(outcome).toMatchObject({ status: 200, remoteAddress: at(address, 9000) });
        const echo = echoOf(outcome);
        expect(echo.name).toBe(to.name);
        expect(echo.remoteAddress).toBe((outcome as { localAddress: string }).localAddress);
        expect(echo.remoteAddress).toContain(from.addresses[family]);
      }
    }
  }
});

test("a virtual IP that is not redirected leads nowhere, and neither does the machine's network", async () => {
  await using lab = await netLab(VIRTUAL);
  const node = await lab.node("n1", addresses(1, 1));
  const pod = await node.pod("web", addresses(1, 2));
  const agent = await pod.agent();
  const errors = await Promise.all(
    ["10.96.0.10", "fd00:96::10"].map((address) => agent.http({ address, port: 80, timeoutMs: 300 })),
  );
  expect(errors).toEqual([{ error: "timeout" }, { error: "timeout" }]);
  const outside = await agent.http({ url: "http://192.0.2.1/", timeoutMs: 2000 });
  expect(["ENETUNREACH", "EHOSTUNREACH"]).toContain(outside.error);
  const { stdout } = await node.run("ip", ["-o", "link"]);
  expect(stdout.match(/^\d+: [a-z0-9]+/gm)).toEqual(["1: lo", expect.stringContaining("fabric"), expect.any(String)]);
});

test("a pod with a blackhole refuses virtual IPs at once, and reaches all else", async () => {
  await using lab = await netLab(VIRTUAL);
  const node = await lab.node("n1", addresses(1, 1));
  const [pod, server] = await Promise.all([
    node.pod("web", { ...addresses(1, 2), blackhole: true }),
    node.pod("api", addresses(1, 3)),
  ]);
  const agent = await pod.agent();
  for (const address of ["10.96.0.10", "fd00:96::10"]) {
    expect(await agent.tcp({ address, port: 80 })).toEqual({ error: "EINVAL" });
    for (const connected of [true, false]) {
      expect(await agent.udp({ address, port: 53, send: "x", connected })).toEqual({ error: "EINVAL" });
    }
  }
  await using backend = await (await server.agent()).serveTcp({ name: "api" });
  for (const address of server.addresses) {
    expect(await agent.tcp({ address, port: backend.port, send: "x\n" })).toMatchObject({ received: "api: x\n" });
  }
});

test("a command runs in the namespace, and every exit code is a result", async () => {
  await using lab = await netLab();
  const node = await lab.node("n1", addresses(1, 1));
  const pod = await node.pod("web", addresses(1, 2));
  expect(await pod.run("sh", ["-c", "echo out; echo problem >&2; exit 3"])).toEqual({
    stdout: "out\n",
    stderr: "problem\n",
    code: 3,
  });
  expect((await pod.run("ip", ["-br", "address"])).stdout).toMatch(/eth0@.*10\.244\.1\.2\/32 fd00:244:1::2\/128/);
  const failure = pod.run("sh", ["-c", "echo begun; exec sleep 600"], { timeoutMs: 200 });
  await expect(failure).rejects.toThrow(/sh in rxds-.*-web did not end within 200 ms. It wrote:\nbegun/);
});

test("what cannot be is refused with what was expected", async () => {
  await expect(netLab({ virtualRanges: ["10.96.0.0"] })).rejects.toThrow('"10.96.0.0" is no range of addresses');
  await using lab = await netLab();
  const node = await lab.node("n1", { addresses: ["10.244.1.1"] });
  const refused = (work: Promise<unknown>, words: string) =>
    Promise.all([
      expect(work).rejects.toThrow(words),
      expect(work).rejects.toMatchObject({ code: "invalid-argument" }),
    ]);
  await refused(lab.node("n1", { addresses: ["10.244.2.1"] }), "n1 is already taken");
  await refused(lab.node("n2", { addresses: ["10.244.1.1"] }), "10.244.1.1 is already taken");
  await refused(lab.node("n 2", { addresses: [] }), '"n 2" cannot be a name');
  await refused(node.pod("web", { addresses: ["web"] }), '"web" is no IP address');
  await refused(node.pod("web", { addresses: ["fd00::1"] }), "its node has none of that family");
});
