import { BehaviorSubject, firstValueFrom } from "rxjs";
import { expect, test } from "vitest";
import { OBJECTS } from "../../spec-support/objects.js";
import { addNetns, entry, group, plan } from "../../spec-support/plans.js";
import { PINS } from "../../spec-support/sinks.js";
import { printDump, printStatus } from "../cli/print.js";
import { openMachine } from "../kernel/memory/memory-kernel.js";
import { redirectKey } from "../layout/layouts.js";
import { dumpRedirect, redirectStatus, verifyRedirect } from "./inspect.js";
import { redirectSink } from "./redirect-sink.js";
import { removeRedirect } from "./remove.js";

const one = plan(
  group(
    "node~n1",
    ["a"],
    [entry("10.96.0.1", 80, "10.0.0.1:15001"), entry("fd00::1", 53, "[fd00::2]:15100", { protocol: "udp" })],
  ),
);

async function redirected() {
  const on = openMachine();
  addNetns(on, "a", 42n);
  const sink = await redirectSink({
    plan$: new BehaviorSubject(one),
    kernel: on.process(),
    object: OBJECTS.one,
    watchProxiesMs: 0,
  });
  await firstValueFrom(sink.applied$);
  return { on, kernel: on.process(), sink };
}

test("what is in the kernel is told while a sink works there, and after", async () => {
  const { kernel, sink } = await redirected();
  const status = await redirectStatus({ kernel });
  expect(status).toMatchObject({ plan: one.generation, entries: 2, workloads: 1, away: [], accelerates: false });
  expect(status.links.map(({ name }) => name)).toContain("connect4");
  expect(printStatus(status)).toContain("redirects   2, of 1 workloads");
  expect(printDump(await dumpRedirect({ kernel })).split("\n")).toEqual([
    "tcp 10.96.0.1:80 (default/s1) to 10.0.0.1:15001 (node~n1)",
    "udp [fd00::1]:53 (default/s1) to [fd00::2]:15100 (node~n1)",
    "enrolled default/a for node~n1 by networkNamespace 42",
  ]);
  await sink.close();
  expect((await redirectStatus({ kernel })).entries).toBe(2);
});

test("a plan is compared with the kernel, and nothing is written by that", async () => {
  const { on, kernel, sink } = await redirected();
  expect(await verifyRedirect(one, { kernel })).toEqual([]);
  const other = plan(
    group("node~n1", ["gone"], [entry("10.96.0.1", 80, "10.0.0.1:15009"), entry("10.96.0.7", 80, "10.0.0.1:15001")]),
  );
  const before = kernel.maps.writes;
  expect(await verifyRedirect(other, { kernel })).toEqual([
    "differs: tcp 10.96.0.1:80 (default/s1) to 10.0.0.1:15001 (node~n1), expected tcp 10.96.0.1:80 (default/s1) to 10.0.0.1:15009 (node~n1)",
    "missing: tcp 10.96.0.7:80 (default/s7) to 10.0.0.1:15001 (node~n1)",
    "not in the plan: udp [fd00::1]:53 (default/s1) to [fd00::2]:15100 (node~n1)",
    "enrolled, but not in the plan: default/a",
    expect.stringContaining("cannot be enrolled: default/gone"),
  ]);
  expect(kernel.maps.writes).toBe(before);
  kernel.pins.remove(`${PINS}/links/connect6`);
  const generation = kernel.maps.inner(kernel.maps.open(`${PINS}/maps/redirects`)!, 0)!;
  kernel.maps.delete(
    generation,
    Buffer.from([...(await kernel.maps.dump(generation)).keys.subarray(0, redirectKey.size)]),
  );
  expect(await verifyRedirect(one, { kernel })).toEqual([
    "no program is on the connect6 hook",
    expect.stringContaining("missing: "),
  ]);
  await sink.close();
  expect(on.state.pins.size).toBeGreaterThan(0);
});

test("what is removed leaves nothing behind, and is not removed under a sink that works", async () => {
  const { on, kernel, sink } = await redirected();
  expect(() => removeRedirect({ kernel })).toThrow(expect.objectContaining({ code: "busy" }));
  await sink.close();
  expect(removeRedirect({ kernel })).toEqual({ links: 10, maps: 13 });
  expect([on.state.pins.size, kernel.pins.list("/sys/fs/bpf").length]).toEqual([0, 0]);
  expect(removeRedirect({ kernel })).toEqual({ links: 0, maps: 0 });
  await expect(redirectStatus({ kernel })).rejects.toMatchObject({ code: "missing" });
});
