import { type Kernel, linuxKernel, type RedirectSink, redirectSink, removeRedirect, verifyRedirect } from "@rxds/ebpf";
import type { RedirectEntry, RedirectPlan } from "@rxds/mesh";
import { BehaviorSubject, filter, firstValueFrom } from "rxjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bpfFileSystem } from "./support/bpffs.js";

const ENTRIES = 100_000;

let files: ReturnType<typeof bpfFileSystem>;
let pins: string;
beforeAll(() => {
  files = bpfFileSystem();
  pins = `${files.folder}/large`;
});
afterAll(() => {
  removeRedirect({ pins });
  files?.close();
});

const entries = Array.from(
  { length: ENTRIES },
  (_, i): RedirectEntry => ({
    address: `10.${96 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`,
    port: 80,
    protocol: "tcp",
    service: `default/service-${i >> 2}`,
    to: { address: "10.0.0.1", port: 15_001 },
    listeners: [],
  }),
);

function planOf(
  generation: string,
  change: (entries: readonly RedirectEntry[]) => readonly RedirectEntry[],
): RedirectPlan {
  return { node: "n1", generation, groups: [{ proxy: "node~n1", workloads: [], entries: change(entries) }] };
}

const applied = (sink: RedirectSink, { generation }: RedirectPlan) =>
  firstValueFrom(sink.applied$.pipe(filter((one) => one.generation === generation)));

/** Does something, and counts how many single writes were made at most before others had the event loop. */
async function mostInOneTurn(action: (kernel: Kernel) => Promise<unknown>): Promise<{ most: number; all: number }> {
  const kernel = linuxKernel();
  const update = kernel.maps.update.bind(kernel.maps);
  let [most, all, here] = [0, 0, 0];
  kernel.maps.update = (...args) => {
    all++;
    here++;
    most = Math.max(most, here);
    update(...args);
  };
  let on = true;
  const turn = () => {
    here = 0;
    if (on) setImmediate(turn);
  };
  setImmediate(turn);
  await action(kernel);
  on = false;
  return { most, all };
}

test("100,000 redirects: what is written follows what changes, and others have the event loop meanwhile", async () => {
  const first = planOf("first", (all) => all);
  const plan$ = new BehaviorSubject(first);
  const options = { pins, watchProxiesMs: 0 };
  let sink!: RedirectSink;
  const { most, all } = await mostInOneTurn(async (kernel) => {
    sink = await redirectSink({ plan$, kernel, ...options });
    expect(await applied(sink, first)).toMatchObject({ table: "generation", entries: ENTRIES });
  });
  // The name of each service is written by itself: one takes two microseconds, a turn is over after six milliseconds.
  expect(all).toBeGreaterThan(ENTRIES / 4);
  expect(most).toBeLessThan(all / 2);

  const moved = planOf("moved", ([one, ...rest]) => [{ ...one!, to: { ...one!.to, port: 15_002 } }, ...rest]);
  plan$.next(moved);
  // The entry, and what is kept for the next start.
  expect(await applied(sink, moved)).toMatchObject({ table: "in-place", writes: 2 });

  const without = planOf("without", (all) => all.slice(4));
  plan$.next(without);
  // Four entries, their service's name, and what is kept.
  expect(await applied(sink, without)).toMatchObject({ table: "in-place", writes: 6, entries: ENTRIES - 4 });
  expect(await verifyRedirect(without, { pins })).toEqual([]);
  await sink.close();

  sink = await redirectSink({ plan$, ...options });
  expect(await applied(sink, without)).toMatchObject({ table: "none", writes: 0 });
  expect(sink.start).toBe("adopted");
  await sink.close();
}, 60_000);
