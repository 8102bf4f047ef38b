import { randomBytes } from "node:crypto";
import { linuxKernel, redirectStatus } from "@rxds/ebpf";
import type { LabAgent } from "@rxds/testkit";
import { firstValueFrom } from "rxjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EbpfRedirects } from "../mesh/lab/ebpf-redirects.js";
import { VIPS } from "./support/documents.js";
import { type RedAndBlue, redAndBlue } from "./support/red-and-blue.js";

const text = (bytes: number) => randomBytes(bytes).toString("base64");

describe("bytes between a pod and its proxy that pass by TCP", () => {
  let of: RedAndBlue;
  let client: LabAgent;
  beforeAll(async () => {
    of = await redAndBlue({ sink: { accelerate: true } });
    client = await of.agent("client");
  });
  afterAll(() => of?.[Symbol.asyncDispose]());

  const counters = async () => {
    const { sinks } = of.world.redirects as EbpfRedirects;
    const all = await firstValueFrom(sinks.get("n1")!.counters());
    return all.find(({ service }) => service === "default/red") ?? { sentBytes: 0, receivedBytes: 0 };
  };

  test.each(VIPS.red)("all arrive in their order, both ways, at %s", async (address) => {
    const { sentBytes, receivedBytes } = await counters();
    await using connection = await client.open({ address, port: 81 });
    const lines = [1, 100, 5_000, 300_000, 10, 1_000_000].map(text);
    for (const line of lines) expect(await connection.exchange(line)).toBe(`red: ${line}`);
    // What TCP carries is counted when the connection closes, and this one is open.
    const all = lines.reduce((sum, { length }) => sum + length + 1, 0);
    await expect.poll(async () => (await counters()).sentBytes - sentBytes).toBe(all);
    expect((await counters()).receivedBytes - receivedBytes).toBe(all + lines.length * "red: ".length);
  });

  test("many connections are answered", async () => {
    const to = { address: VIPS.red[0], port: 81 };
    expect(await client.connectMany({ to, count: 2000, concurrency: 8, expect: ["red"] })).toMatchObject({
      ok: 2000,
      failed: 0,
    });
    expect(await redirectStatus({ pins: `${of.world.lab.bpffs}/n1` })).toMatchObject({ accelerates: true });
  }, 60_000);

  test("bytes that begin on a slow link, before the proxy's end is known, are not overtaken by later ones", async () => {
    const pod = of.world.pods.get("default/client")!;
    const node = of.world.nodes.get("n1")!;
    const { stdout } = await pod.run("ip", ["-o", "route", "get", "10.244.1.1"]);
    const device = / dev (\S+)/.exec(stdout)![1]!;
    const slow = ["qdisc", "add", "dev", device, "root", "tbf", "rate", "40mbit", "burst", "3000", "latency", "500ms"];
    // The end of a handshake is lost: only the first bytes make the connection known to the proxy's side.
    const deaf = [
      "INPUT",
      "-p",
      "tcp",
      "--dport",
      "15001",
      "--tcp-flags",
      "SYN,FIN,PSH,ACK",
      "ACK",
      "-m",
      "length",
      "--length",
      "40:60",
    ];
    const { maps } = linuxKernel();
    const handshakes = maps.open(`${of.world.lab.bpffs}/n1/maps/handshakes`)!;
    expect((await pod.run("tc", slow)).code).toBe(0);
    expect((await node.run("iptables", ["-I", ...deaf, "-j", "DROP"])).code).toBe(0);
    try {
      for (let i = 0; i < 10; i++) {
        await using connection = await client.open({ address: VIPS.red[0], port: 81 });
        const lines = [text(300_000), text(1_000)];
        const first = connection.exchange(lines[0]!, { timeoutMs: 10_000 });
        // From here on the proxy's end is known, and most of the first line still on its way.
        await expect.poll(async () => (await maps.dump(handshakes)).count).toBe(0);
        const answers = await Promise.all([first, connection.exchange(lines[1]!, { timeoutMs: 10_000 })]);
        expect(answers.map((answer, n) => (answer === `red: ${lines[n]}` ? "whole" : "mixed up"))).toEqual([
          "whole",
          "whole",
        ]);
      }
    } finally {
      await node.run("iptables", ["-D", ...deaf, "-j", "DROP"]);
      await pod.run("tc", ["qdisc", "del", "dev", device, "root"]);
      maps.close(handshakes);
    }
  }, 60_000);
});
