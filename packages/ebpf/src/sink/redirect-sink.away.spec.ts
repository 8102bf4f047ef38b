import { BehaviorSubject, filter, firstValueFrom } from "rxjs";
import { expect, test } from "vitest";
import { addNetns, entry, group, plan } from "../../spec-support/plans.js";
import { applied, PINS, start } from "../../spec-support/sinks.js";
import { type OpenMachine, openMachine } from "../kernel/memory/memory-kernel.js";
import type { RedirectSink } from "./redirect-sink.js";

const listener = { address: new Uint8Array(16), port: 15_001, waiting: 0, backlog: 128 };
const one = plan(group("node~n1", ["a"], [entry("10.96.0.1", 80, "10.0.0.1:15001")]));

/** The groups that are marked in the kernel. */
function marksOf(on: OpenMachine) {
  const { maps } = on.process();
  return maps.dump(maps.open(`${PINS}/maps/groups`)!);
}

const untilAway = (sink: RedirectSink) => firstValueFrom(sink.away$.pipe(filter((away) => away.has("node~n1"))));
const untilBack = (sink: RedirectSink) => firstValueFrom(sink.away$.pipe(filter((away) => away.size === 0)));

test("a proxy that is away has its group marked, as the plan or an option says, until it is back", async () => {
  for (const [whenAway, planSays, flags] of [
    [undefined, undefined, 1],
    [undefined, "pass", 3],
    ["refuse", "pass", 1],
    ["pass", undefined, 3],
  ] as const) {
    const on = openMachine();
    addNetns(on, "a");
    const its = {
      ...plan(group("node~n1", ["a"], [entry("10.96.0.1", 80, "10.0.0.1:15001")])),
      ...(planSays === undefined ? {} : { whenAway: planSays }),
    };
    const options = whenAway === undefined ? {} : { whenAway };
    const sink = await start(on, { plan$: new BehaviorSubject(its), watchProxiesMs: 5, ...options });
    await untilAway(sink);
    expect((await marksOf(on)).values.readUInt32LE(0)).toBe(flags);
    on.listening.set("/proc/self/ns/net", [listener]);
    await untilBack(sink);
    expect((await marksOf(on)).count).toBe(0);
    await sink.close();
  }
});

test("a proxy that was away is so for the next start, which writes nothing", async () => {
  const on = openMachine();
  addNetns(on, "a");
  const plan$ = new BehaviorSubject(one);
  const sink = await start(on, { plan$, watchProxiesMs: 5 });
  await untilAway(sink);
  await sink.close();
  // Before it looks for the first time.
  const again = await start(on, { plan$, watchProxiesMs: 3_600_000 });
  expect(await applied(again, one)).toMatchObject({ writes: 0 });
  expect([...(await untilAway(again))]).toEqual(["node~n1"]);
  expect((await marksOf(on)).count).toBe(1);
  await again.close();
  // Who never looks would never hear that it is back.
  const blind = await start(on, { plan$ });
  await applied(blind, one);
  expect((await marksOf(on)).count).toBe(0);
  await blind.close();
});

test("a proxy that goes away, or comes back, while a generation is swapped in is what it is after that", async () => {
  const on = openMachine();
  addNetns(on, "a");
  const kernel = on.process();
  const swap = kernel.maps.setInner.bind(kernel.maps);
  let meanwhile: () => Promise<unknown> = async () => {};
  kernel.maps.setInner = async (...args) => {
    await meanwhile();
    await swap(...args);
  };
  const plan$ = new BehaviorSubject(plan());
  on.listening.set("/proc/self/ns/net", [listener]);
  const sink = await start(on, { plan$, kernel, inPlace: 0, watchProxiesMs: 5 });
  plan$.next(one);
  await applied(sink, one);
  for (const [change, until, marks] of [
    [() => on.listening.delete("/proc/self/ns/net"), untilAway, 1],
    [() => on.listening.set("/proc/self/ns/net", [listener]), untilBack, 0],
  ] as const) {
    meanwhile = async () => {
      change();
      await until(sink);
    };
    const next = plan(
      group("node~n1", ["a"], [entry("10.96.0.1", 80, "10.0.0.1:15001", { service: `default/other${marks}` })]),
    );
    plan$.next(next);
    await applied(sink, next);
    expect((await marksOf(on)).count).toBe(marks);
  }
  await sink.close();
});
