import { setImmediate } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { addNetns, entry, group, plan } from "../../spec-support/plans.js";
import { openMachine } from "../kernel/memory/memory-kernel.js";
import { wantedEnrolments } from "./enrolments.js";
import { Names } from "./ids.js";
import { doorsOf, ProxyWatch } from "./proxy-watch.js";

const COUNT = 2000;
const HOST = "/proc/self/ns/net";

afterEach(() => vi.restoreAllMocks());

/** Does something whose steps each take a tenth of a millisecond; how many steps there were, and how many at most in one turn of the event loop. */
async function stepsInTurns(action: (step: () => void) => Promise<unknown>): Promise<{ all: number; most: number }> {
  let [now, all, most, inThis] = [1000, 0, 0, 0];
  vi.spyOn(performance, "now").mockImplementation(() => now);
  let done = false;
  const step = () => {
    now += 0.1;
    all++;
    inThis++;
    most = Math.max(most, inThis);
  };
  const work = action(step).finally(() => {
    done = true;
  });
  while (!done) {
    await setImmediate();
    inThis = 0;
  }
  await work;
  return { all, most };
}

test("others have the event loop while it is found out where many workloads are", async () => {
  const on = openMachine();
  const names = Array.from({ length: COUNT }, (_, i) => `w${i}`);
  for (const name of names) addNetns(on, name);
  const { maps, places } = on.process();
  const map = maps.create("names", { type: 1, keySize: 16, valueSize: 128, maxEntries: 10, flags: 1 });
  const { all, most } = await stepsInTurns(async (step) => {
    const networkNamespace = (path: string) => {
      step();
      return places.networkNamespace(path);
    };
    const { byNetns } = await wantedEnrolments(
      plan(group("node~n1", names, [])),
      { ...places, networkNamespace },
      new Names(maps, map),
      1n,
    );
    expect(byNetns.size).toBe(COUNT);
  });
  expect(all).toBe(COUNT);
  expect(most).toBeLessThanOrEqual(128);
});

test("others have it while the doors of many proxies are looked at", async () => {
  const on = openMachine();
  const doors = await doorsOf(
    plan(
      ...Array.from({ length: COUNT }, (_, i) =>
        group(`sidecar~default/w${i}`, [`w${i}`], [entry("10.96.0.1", 80, `10.1.${i >> 8}.${i & 255}:15001`)]),
      ),
    ),
    HOST,
  );
  expect(doors).toHaveLength(COUNT);
  const { places } = on.process();
  const { all, most } = await stepsInTurns(async (step) => {
    const isLocal = () => {
      step();
      return true;
    };
    const { away } = await new ProxyWatch({ ...places, isLocal }, "/sys/fs/cgroup").look(doors);
    expect(away.size).toBe(COUNT);
  });
  expect(all).toBe(COUNT);
  expect(most).toBeLessThanOrEqual(128);
});
