import type { ServiceCounters } from "@rxds/ebpf";
import type { LabAgent } from "@rxds/testkit";
import { firstValueFrom } from "rxjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EbpfRedirects } from "../mesh/lab/ebpf-redirects.js";
import { at, echoOf } from "../testkit/lab-support.js";
import { dnsServer } from "./support/dns-server.js";
import { COLOURS, VIPS } from "./support/documents.js";
import { type RedAndBlue, redAndBlue } from "./support/red-and-blue.js";

describe("from a pod through the kernel and a real Envoy to the right backend", () => {
  let of: RedAndBlue;
  let client: LabAgent;
  let redirects: EbpfRedirects;
  beforeAll(async () => {
    of = await redAndBlue();
    redirects = of.world.redirects as EbpfRedirects;
    client = await of.agent("client");
  });
  afterAll(() => of?.[Symbol.asyncDispose]());

  const counters = async (): Promise<ReadonlyMap<string, ServiceCounters>> => {
    const all = await firstValueFrom(redirects.sinks.get("n1")!.counters());
    return new Map(all.map((one) => [one.service, one]));
  };

  describe.each(COLOURS)("%s", (name) => {
    test.each(VIPS[name])("HTTP at %s: Envoy routes by what was dialed", async (address) => {
      const outcome = await client.http({ url: `http://${at(address, 80)}/` });
      expect(echoOf(outcome)).toMatchObject({ name, headers: { host: at(address, 80).replace(/:80$/, "") } });
    });

    test.each(VIPS[name])("TCP at %s: the pod sees what it dialed as its peer", async (address) => {
      expect(await client.tcp({ address, port: 81, send: "hello\n" })).toMatchObject({
        received: `${name}: hello\n`,
        remoteAddress: at(address, 81),
      });
    });

    test.each(VIPS[name])("UDP at %s: of sockets that are connected, and that are not", async (address) => {
      for (const connected of [true, false]) {
        const outcome = await client.udp({ address, port: 53, send: "who", connected });
        expect(outcome).toMatchObject({ received: `${name}: who`, remoteAddress: at(address, 53) });
        if (connected) expect(outcome).toMatchObject({ peerAddress: at(address, 53) });
      }
    });
  });

  test("a DNS client, which takes answers only from whom it asked", async () => {
    const [pod, server] = ["client", "red"].map((name) => of.world.pods.get(`default/${name}`)!);
    const serving = server!.run(process.execPath, ["-e", dnsServer(9053)], { timeoutMs: 20_000 });
    // Until the server is there it is refused.
    const lookup = `const { promises } = require("dns");
      const ask = async (server) => {
        const resolver = new promises.Resolver({ timeout: 500, tries: 2 });
        resolver.setServers([server]);
        for (;;) { try { return await resolver.resolve4("a.test"); } catch {} }
      };
      Promise.all(["10.96.0.53:53", "[fd00:96::53]:53"].map(ask)).then((all) => console.log(all.join()));`;
    const { stdout } = await pod!.run(process.execPath, ["-e", lookup], { timeoutMs: 20_000 });
    expect(stdout.trim()).toBe("192.0.2.7,192.0.2.7");
    expect((await serving).code).toBe(0);
  }, 60_000);

  test("an IPv6 socket that dials an IPv4 address is redirected as that", async () => {
    expect(await client.tcp({ address: "::ffff:10.96.0.2", port: 81, send: "mapped\n" })).toMatchObject({
      received: "blue: mapped\n",
      remoteAddress: expect.stringContaining("10.96.0.2"),
    });
  });

  test("who is not enrolled, and what is not in the plan, is left alone", async () => {
    const late = await of.agent("late");
    expect(await late.tcp({ address: "10.96.0.1", port: 81, send: "x\n", timeoutMs: 500 })).toEqual({
      error: "timeout",
    });
    expect(await client.tcp({ address: "10.96.0.1", port: 82, send: "x\n", timeoutMs: 500 })).toEqual({
      error: "timeout",
    });
    expect(await client.tcp({ address: "10.244.1.20", port: 9001, send: "x\n" })).toMatchObject({
      received: "red: x\n",
      remoteAddress: "10.244.1.20:9001",
    });
  });

  test("15,000 connections: as many right answers, and each is counted with the service it is of", async () => {
    const before = await counters();
    const each = 15_000 / 4;
    const results = [];
    for (const name of COLOURS) {
      for (const address of VIPS[name]) {
        const result = await client.connectMany({
          to: { address, port: 81 },
          count: each,
          concurrency: 16,
          expect: [name],
        });
        results.push(result);
        expect(result).toMatchObject({
          ok: each,
          failed: 0,
          byAnswer: { [name]: each },
          byRemoteAddress: { [at(address, 81)]: each },
        });
      }
    }
    await expect
      .poll(async () => {
        const after = await counters();
        return COLOURS.map((name) => {
          const [was, is] = [before.get(`default/${name}`), after.get(`default/${name}`)];
          const since = (field: "connections" | "closed" | "failed" | "refused") => is![field] - (was?.[field] ?? 0);
          return [name, since("connections"), since("closed"), since("failed"), since("refused")];
        });
      })
      .toEqual(COLOURS.map((name) => [name, 2 * each, 2 * each, 0, 0]));
  }, 120_000);

  test("bytes are counted when a connection closes, as TCP counts them", async () => {
    const before = (await counters()).get("default/red")!;
    const connection = await client.open({ address: "10.96.0.1", port: 81 });
    await connection.exchange("x".repeat(9_999));
    expect((await counters()).get("default/red")).toMatchObject({ sentBytes: before.sentBytes });
    await connection.close();
    await expect
      .poll(async () => (await counters()).get("default/red")!.sentBytes - before.sentBytes)
      .toBeGreaterThanOrEqual(10_000);
    const after = (await counters()).get("default/red")!;
    // SYN and FIN count as one byte each.
    expect(after.sentBytes - before.sentBytes).toBeLessThanOrEqual(10_002);
    expect(after.receivedBytes - before.receivedBytes).toBeGreaterThanOrEqual(10_005);
    expect(after.receivedBytes - before.receivedBytes).toBeLessThanOrEqual(10_007);
  });
});
