import { type RedirectSink, redirectSink } from "@rxds/ebpf";
import type { RedirectPlan } from "@rxds/mesh";
import { type Envoy, eventually, type LabAgent } from "@rxds/testkit";
import { BehaviorSubject, filter, firstValueFrom } from "rxjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EbpfRedirects } from "../mesh/lab/ebpf-redirects.js";
import { type RedAndBlue, redAndBlue } from "./support/red-and-blue.js";

/** What the pod dials: an address that somebody has, so that there is a way without a mesh. */
const DIALED = { address: "10.244.1.20", port: 9001 };

describe.each(["refuse", "pass"] as const)("while Envoy is away: %s", (whenAway) => {
  let of: RedAndBlue;
  let client: LabAgent;
  let sink: RedirectSink;
  let envoy: Envoy;
  beforeAll(async () => {
    of = await redAndBlue({ redirect: "none", bpf: true });
    client = await of.agent("client");
    envoy = of.world.envoy("node~n1");
    // What is dialed is red's own address; Envoy, which knows it under that of the service, would answer for blue.
    const workload = {
      name: "default/client",
      addresses: [],
      networkNamespace: `/run/netns/${of.world.pods.get("default/client")!.netns}`,
    };
    const plan: RedirectPlan = {
      node: "n1",
      generation: "one",
      groups: [
        {
          proxy: "node~n1",
          workloads: [workload],
          entries: [
            {
              ...DIALED,
              protocol: "tcp",
              service: "default/red",
              to: { address: "10.244.1.1", port: 15_001 },
              listeners: [],
            },
            {
              address: "10.96.0.1",
              port: 81,
              protocol: "tcp",
              service: "default/red",
              to: { address: "10.244.1.1", port: 15_001 },
              listeners: [],
            },
          ],
        },
      ],
    };
    const { lab, places } = of.world;
    sink = await redirectSink({
      plan$: new BehaviorSubject(plan),
      ...EbpfRedirects.optionsOf({ lab, places }, "n1"),
      whenAway,
      watchProxiesMs: 20,
    });
    await firstValueFrom(sink.applied$);
  });
  afterAll(async () => {
    await sink?.close();
    await of?.[Symbol.asyncDispose]();
  });

  const dial = () => client.tcp({ ...DIALED, send: "x\n", timeoutMs: 1000 });
  const away = (is: boolean) => firstValueFrom(sink.away$.pipe(filter((proxies) => proxies.has("node~n1") === is)));
  const meanwhile =
    whenAway === "refuse" ? { error: "ECONNREFUSED" } : { received: "red: x\n", remoteAddress: "10.244.1.20:9001" };

  test("as long as it is there, connections are its own", async () => {
    expect(await client.tcp({ address: "10.96.0.1", port: 81, send: "x\n" })).toMatchObject({ received: "red: x\n" });
    // It has no listener for what is dialed here, and closes.
    expect(await dial()).toMatchObject({ error: expect.stringMatching(/^(closed|ECONNRESET)$/) });
  });

  test("when it accepts nothing any more, connections are not left hanging", async () => {
    process.kill(envoy.pid, "SIGSTOP");
    try {
      // Connections queue until the queue is full, for whoever asks the kernel only.
      const waiting = Array.from({ length: 600 }, () =>
        client.tcp({ address: "10.96.0.1", port: 81, timeoutMs: 30_000 }),
      );
      void Promise.all(waiting);
      const seen = await away(true);
      expect([...seen]).toEqual(["node~n1"]);
      expect(await dial()).toMatchObject(meanwhile);
    } finally {
      process.kill(envoy.pid, "SIGCONT");
    }
    await away(false);
    expect(await client.tcp({ address: "10.96.0.1", port: 81, send: "x\n" })).toMatchObject({ received: "red: x\n" });
  }, 60_000);

  test("when it is killed, likewise, at once, and its successor is used", async () => {
    process.kill(envoy.pid, "SIGKILL");
    await envoy.exited;
    // Before anybody has looked the node itself refuses.
    if (whenAway === "refuse") expect(await dial()).toMatchObject(meanwhile);
    await away(true);
    expect(await dial()).toMatchObject(meanwhile);
    const counters = await firstValueFrom(sink.counters());
    if (whenAway === "refuse")
      expect(counters.find(({ service }) => service === "default/red")?.refused).toBeGreaterThan(0);
    await of.world.proxies.restart("node~n1");
    await away(false);
    await eventually(
      async () =>
        expect(await client.tcp({ address: "10.96.0.1", port: 81, send: "x\n" })).toMatchObject({
          received: "red: x\n",
        }),
      { deadlineMs: 10_000, describe: "the successor serves" },
    );
  }, 60_000);
});
