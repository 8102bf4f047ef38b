import type { RedirectPlan } from "@rxds/mesh/plan";
import { BehaviorSubject, filter, firstValueFrom, ReplaySubject } from "rxjs";
import { describe, expect, test } from "vitest";
import { Look } from "../../spec-support/look.js";
import { OBJECTS } from "../../spec-support/objects.js";
import { addNetns, entry, group, plan } from "../../spec-support/plans.js";
import { applied, PINS, start } from "../../spec-support/sinks.js";
import { openMachine } from "../kernel/memory/memory-kernel.js";
import type { ReadyListeners } from "./target.js";

const dialed = { protocol: "tcp", address: "10.96.0.1", port: 80 } as const;

describe("a sink", () => {
  test("puts plans into force, in place where few entries change, and takes the last over when it starts again", async () => {
    const on = openMachine();
    const a = addNetns(on, "a");
    const look = new Look(on, PINS);
    const first = plan(
      group("node~n1", ["a"], [entry("10.96.0.1", 80, "10.0.0.1:15001"), entry("10.96.0.3", 80, "10.0.0.1:15001")]),
    );
    const plan$ = new BehaviorSubject(first);
    const sink = await start(on, { plan$ });
    expect(sink.start).toBe("created");
    expect(await applied(sink, first)).toMatchObject({ table: "generation", entries: 2, problems: [] });
    expect(look.redirect(a, dialed)).toBe("10.0.0.1 15001 default/s1");
    expect(look.redirect(a + 1n, dialed)).toBeUndefined();

    const second = plan(
      group("node~n1", ["a"], [entry("10.96.0.1", 80, "10.0.0.1:15002"), entry("10.96.0.2", 80, "10.0.0.1:15001")]),
    );
    plan$.next(second);
    expect(await applied(sink, second)).toMatchObject({ table: "in-place", entries: 2 });
    expect(look.redirect(a, dialed)).toBe("10.0.0.1 15002 default/s1");
    await sink.close();
    expect(look.redirect(a, dialed)).toBe("10.0.0.1 15002 default/s1");

    const again = await start(on, { plan$ });
    expect(again.start).toBe("adopted");
    expect(await applied(again, second)).toMatchObject({ table: "none", writes: 0, entries: 2 });
    // The same content under another name is no change either.
    const renamed = { ...second, generation: "other" };
    plan$.next(renamed);
    expect(await applied(again, renamed)).toMatchObject({ writes: 0 });
    await again.close();
  });

  test("without changes in place every change is a new generation, and each is frozen", async () => {
    const on = openMachine();
    addNetns(on, "a");
    const plans = [15_001, 15_002].map((port) =>
      plan(group("node~n1", ["a"], [entry("10.96.0.1", 80, `10.0.0.1:${port}`)])),
    );
    const plan$ = new BehaviorSubject(plans[0]!);
    const sink = await start(on, { plan$, inPlace: 0 });
    await applied(sink, plans[0]!);
    plan$.next(plans[1]!);
    expect(await applied(sink, plans[1]!)).toMatchObject({ table: "generation" });
    await sink.close();
    const maps = on.process().maps;
    const generation = maps.inner(maps.open(`${PINS}/maps/redirects`)!, 0)!;
    expect(() => maps.update(generation, Buffer.alloc(24), Buffer.alloc(24))).toThrow(/EPERM/);
    // One that may change in place makes a new one of it.
    const third = plan(group("node~n1", ["a"], [entry("10.96.0.1", 80, "10.0.0.1:15003")]));
    const again = await start(on, { plan$: new BehaviorSubject(third) });
    expect(await applied(again, third)).toMatchObject({ table: "generation" });
    await again.close();
  });

  test("an entry comes when its listeners are ready, and goes on as it was until those of its new form are", async () => {
    const on = openMachine();
    const a = addNetns(on, "a");
    const look = new Look(on, PINS);
    const plans = [15_001, 15_002].map((port) =>
      plan(
        group(
          "node~n1",
          ["a"],
          [entry("10.96.0.1", 80, `10.0.0.1:${port}`, { listeners: [`redirect/${port}`, `tcp/${port}`] })],
        ),
      ),
    );
    const plan$ = new BehaviorSubject(plans[0]!);
    const ready = new Set<string>();
    const ready$ = new ReplaySubject<ReadyListeners>(1);
    const tell = (...listeners: string[]) => {
      for (const one of listeners) ready.add(`node~n1 ${one}`);
      ready$.next({ has: (proxy, listener) => ready.has(`${proxy} ${listener}`) });
    };
    const sink = await start(on, { plan$, ready$ });
    tell("redirect/15001");
    expect(await applied(sink, plans[0]!)).toMatchObject({ entries: 0 });
    tell("tcp/15001");
    await firstValueFrom(sink.applied$.pipe(filter(({ entries }) => entries === 1)));
    plan$.next(plans[1]!);
    await applied(sink, plans[1]!);
    expect(look.redirect(a, dialed)).toBe("10.0.0.1 15001 default/s1");
    const moved = firstValueFrom(sink.applied$.pipe(filter(({ writes }) => writes > 0)));
    tell("redirect/15002", "tcp/15002");
    await moved;
    expect(look.redirect(a, dialed)).toBe("10.0.0.1 15002 default/s1");
    await sink.close();
  });

  test("before anything is known of what is ready, all stays as it is", async () => {
    const on = openMachine();
    const a = addNetns(on, "a");
    const first = plan(group("node~n1", ["a"], [entry("10.96.0.1", 80, "10.0.0.1:15001")]));
    const sink = await start(on, { plan$: new BehaviorSubject(first) });
    await applied(sink, first);
    await sink.close();
    const seen: unknown[] = [];
    const again = await start(on, { plan$: new BehaviorSubject(plan()), ready$: new ReplaySubject(1) });
    again.applied$.subscribe((one) => seen.push(one));
    await again.close();
    expect(seen).toEqual([]);
    expect(new Look(on, PINS).redirect(a, dialed)).toBe("10.0.0.1 15001 default/s1");
  });

  test("what of a plan cannot be is told, and all else comes into force", async () => {
    const on = openMachine();
    addNetns(on, "a");
    addNetns(on, "shared", 1n);
    const { workloads: some } = group("node~n1", ["a", "gone", "shared"], []);
    const workloads = [...some, { name: "default/nowhere", addresses: [] }];
    const one = plan({
      proxy: "node~n1",
      workloads,
      entries: [
        entry("10.96.0.1", 80, "10.0.0.1:15001"),
        entry("fd00:96::1", 80, "10.0.0.1:15001"),
        entry("not-an-address", 80, "10.0.0.1:15001"),
        entry("10.96.0.2", 70_000, "10.0.0.1:15001"),
      ],
    });
    const sink = await start(on, { plan$: new BehaviorSubject(one) });
    const { problems, entries } = await applied(sink, one);
    expect(entries).toBe(1);
    expect(problems.map(({ kind, workload }) => [kind, workload])).toEqual([
      ["entry", undefined],
      ["entry", undefined],
      ["entry", undefined],
      ["not-found", "default/gone"],
      ["host-network", "default/shared"],
      ["no-place", "default/nowhere"],
    ]);
    expect(problems[0]?.message).toContain("expected a listener of the same family");
    await sink.close();
  });

  test("a plan that is too large is refused with what there is and what it needs, and the one before stays", async () => {
    const on = openMachine();
    const a = addNetns(on, "a");
    const small = plan(group("node~n1", ["a"], [entry("10.96.0.1", 80, "10.0.0.1:15001")]));
    const large = plan(
      group(
        "node~n1",
        ["a"],
        Array.from({ length: 5 }, (_, i) => entry(`10.96.1.${i}`, 80, "10.0.0.1:15001")),
      ),
    );
    const plan$ = new BehaviorSubject(small);
    const sink = await start(on, { plan$, sizes: { redirects: 4 } });
    await applied(sink, small);
    const failure = firstValueFrom(sink.failures$);
    plan$.next(large);
    expect(await failure).toMatchObject({
      generation: large.generation,
      error: { code: "full", details: { capacity: 4, need: 5 } },
    });
    expect(new Look(on, PINS).redirect(a, dialed)).toBe("10.0.0.1 15001 default/s1");
    const third = plan(group("node~n1", ["a"], [entry("10.96.0.1", 80, "10.0.0.1:15009")]));
    plan$.next(third);
    await applied(sink, third);
    await sink.close();
  });

  test("more workloads than there is room for are refused likewise", async () => {
    const on = openMachine();
    const names = ["a", "b", "c"];
    for (const name of names) addNetns(on, name);
    const many = plan(group("node~n1", names, []));
    const plan$ = new ReplaySubject<RedirectPlan>(1);
    const sink = await start(on, { plan$, sizes: { workloads: 2 } });
    const failure = firstValueFrom(sink.failures$);
    plan$.next(many);
    expect(await failure).toMatchObject({ error: { code: "full", details: { capacity: 2, need: 3 } } });
    await sink.close();
  });

  test("programs of another object are put in the place of the old ones, and what is missing is added", async () => {
    const on = openMachine();
    await (await start(on)).close();
    const links = (kernel = on.process()) =>
      kernel.pins.list(`${PINS}/links`).map((name) => kernel.programs.openLink(`${PINS}/links/${name}`)!);
    const before = links();
    expect(before).toHaveLength(10);
    const other = await start(on, { object: OBJECTS.other });
    expect(other.start).toBe("upgraded");
    await other.close();
    expect(links().map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(links().every(({ program }, i) => program !== before[i]?.program)).toBe(true);
    on.process().pins.remove(`${PINS}/links/connect4`);
    const repaired = await start(on, { object: OBJECTS.other });
    expect(repaired.start).toBe("upgraded");
    await repaired.close();
    expect(links()).toHaveLength(10);
  });

  test("pins of another layout are left alone", async () => {
    const on = openMachine();
    await (await start(on)).close();
    const { maps } = on.process();
    const state = maps.open(`${PINS}/maps/state`)!;
    const value = maps.lookup(state, Buffer.alloc(4))!;
    value.writeUInt32LE(9, 0);
    maps.update(state, Buffer.alloc(4), value);
    await expect(start(on)).rejects.toMatchObject({ code: "layout", message: expect.stringContaining("layout 9") });
    expect(on.process().pins.list(`${PINS}/links`)).toHaveLength(10);
  });

  test("two sinks never work with the same pins", async () => {
    const on = openMachine();
    const sink = await start(on);
    await expect(start(on)).rejects.toMatchObject({ code: "busy" });
    const other = await start(on, { pins: "/sys/fs/bpf/other" });
    await other.close();
    await sink.close();
    await (await start(on)).close();
  });

  test("a folder on no BPF file system, and a proxy outside of what is covered, are refused", async () => {
    const on = openMachine();
    await expect(start(on, { pins: "/tmp/rxds" })).rejects.toMatchObject({ code: "no-bpffs" });
    on.cgroups.add("/sys/fs/cgroup/pods").add("/sys/fs/cgroup/envoy");
    await expect(start(on, { cgroup: "pods", proxyCgroups: ["envoy"] })).rejects.toMatchObject({ code: "invalid" });
    await expect(start(on, { cgroup: "none" })).rejects.toMatchObject({ code: "no-cgroup2" });
  });

  test("a workload that comes later, or begins anew in another namespace, is enrolled then", async () => {
    const on = openMachine();
    const one = plan(group("node~n1", ["a"], [entry("10.96.0.1", 80, "10.0.0.1:15001")]));
    const sink = await start(on, { plan$: new BehaviorSubject(one), watchProxiesMs: 5 });
    expect((await applied(sink, one)).problems).toMatchObject([{ kind: "not-found" }]);
    const look = new Look(on, PINS);
    for (const cookie of [500n, 501n]) {
      const done = firstValueFrom(
        sink.applied$.pipe(filter(({ problems, writes }) => problems.length === 0 && writes > 0)),
      );
      addNetns(on, "a", cookie);
      await done;
      await expect.poll(() => look.redirect(cookie, dialed)).toBe("10.0.0.1 15001 default/s1");
    }
    expect(look.redirect(500n, dialed)).toBeUndefined();
    await sink.close();
  });
});
