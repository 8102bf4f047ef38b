// What a redirect of many entries costs in this machine's kernel: filling a generation, swapping it in, changing one entry in place
// or by a new generation, and a restart. Needs root. The last line is the result: `npm run bench:ebpf -- --entries 100000 --json`.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { linuxKernel, redirectSink, removeRedirect } from "@rxds/ebpf";
import { BehaviorSubject, filter, firstValueFrom } from "rxjs";

/** @typedef {import("@rxds/mesh").RedirectPlan} RedirectPlan */

const { values } = parseArgs({
  options: {
    entries: { type: "string", default: "100000" },
    rounds: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const count = Number(values.entries);
const rounds = Number(values.rounds);

/** A plan of `count` entries of as many services; a changed one leads elsewhere. @returns {RedirectPlan} */
function planOf(base, generation, changed) {
  const [group] = base.groups;
  const entries = group.entries.map((entry, i) => (i === changed ? { ...entry, to: { ...entry.to, port: entry.to.port === 15001 ? 15002 : 15001 } } : entry));
  return { ...base, generation, groups: [{ ...group, entries }] };
}

/** @type {RedirectPlan} */
const base = {
  node: "n1",
  generation: "g0",
  groups: [
    {
      proxy: "node~n1",
      workloads: [],
      entries: Array.from({ length: count }, (_, i) => ({
        address: `10.${64 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`,
        port: 80,
        protocol: "tcp",
        service: `default/service-${i}`,
        to: { address: "10.0.0.1", port: 15001 },
        listeners: ["tcp"],
      })),
    },
  ],
};

/** How long each call of some kinds took, in milliseconds. */
function timed(kernel, times) {
  const { maps } = kernel;
  for (const name of ["updateMany", "setInner", "update", "freeze"]) {
    const call = maps[name].bind(maps);
    maps[name] = (...args) => {
      const start = performance.now();
      const done = () => times.push({ name, ms: performance.now() - start, args });
      const result = call(...args);
      if (!(result instanceof Promise)) {
        done();
        return result;
      }
      return result.finally(done);
    };
  }
  return kernel;
}

/** The longest time that the event loop was kept, in milliseconds, while something is done. */
async function watched(action) {
  let longest = 0;
  let last = performance.now();
  let on = true;
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (on) setImmediate(look);
  };
  setImmediate(look);
  const start = performance.now();
  const result = await action();
  const ms = performance.now() - start;
  on = false;
  return { ms, longest, result };
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0;
const sum = (times, name) => times.filter((one) => one.name === name).reduce((total, { ms }) => total + ms, 0);

const folder = mkdtempSync(join(tmpdir(), "rxds-bench-bpffs-"));
execFileSync("mount", ["-t", "bpf", "bpf", folder]);
const pins = join(folder, "rxds");
try {
  const result = { entries: count, rounds, fillMs: [], swapMs: [], firstPlanMs: [], inPlaceWriteUs: [], oneInPlaceMs: [], oneByGenerationMs: [], restartMs: [], writes: [], longestTurnMs: [] };
  const sizes = { redirects: 2 * count + 1024, services: count + 1024 };
  const open = async (plan$, inPlace, times) => redirectSink({ plan$, pins, sizes, inPlace, watchProxiesMs: 0, kernel: timed(linuxKernel(), times) });
  const applied = (sink, { generation }) => firstValueFrom(sink.applied$.pipe(filter((one) => one.generation === generation)));
  for (let round = 0; round < rounds; round++) {
    for (const inPlace of [4096, 0]) {
      const times = [];
      const plan$ = new BehaviorSubject(base);
      const first = await watched(async () => {
        const sink = await open(plan$, inPlace, times);
        await applied(sink, base);
        return sink;
      });
      const sink = first.result;
      if (inPlace > 0) {
        result.firstPlanMs.push(first.ms);
        result.longestTurnMs.push(first.longest);
      }
      result.fillMs.push(sum(times, "updateMany"));
      result.swapMs.push(sum(times, "setInner"));
      const changed = planOf(base, "g1", round);
      times.length = 0;
      const one = await watched(async () => {
        plan$.next(changed);
        return applied(sink, changed);
      });
      result.longestTurnMs.push(one.longest);
      if (inPlace > 0) {
        if (one.result.table !== "in-place") throw new Error(`expected a change in place, got ${one.result.table}`);
        result.oneInPlaceMs.push(one.ms);
        result.inPlaceWriteUs.push(1000 * (times.find(({ args }) => args[0].name === "generation")?.ms ?? 0));
      } else {
        result.oneByGenerationMs.push(one.ms);
      }
      await sink.close();
      const again = await watched(async () => {
        const next = await open(new BehaviorSubject(changed), inPlace, []);
        return { next, done: await applied(next, changed) };
      });
      result.restartMs.push(again.ms);
      result.writes.push(again.result.done.writes);
      result.longestTurnMs.push(again.longest);
      await again.result.next.close();
      removeRedirect({ pins });
    }
  }
  const line = {
    entries: count,
    rounds,
    fillMs: round1(median(result.fillMs)),
    swapMs: round1(median(result.swapMs)),
    firstPlanMs: round1(median(result.firstPlanMs)),
    inPlaceWriteUs: round1(median(result.inPlaceWriteUs)),
    oneChange: { inPlaceMs: round1(median(result.oneInPlaceMs)), generationMs: round1(median(result.oneByGenerationMs)) },
    restart: { ms: round1(median(result.restartMs)), writes: Math.max(...result.writes) },
    longestTurnMs: round1(Math.max(...result.longestTurnMs)),
  };
  if (values.json) console.log(JSON.stringify(line));
  else console.log(line);
} finally {
  removeRedirect({ pins });
  execFileSync("umount", [folder]);
  rmdirSync(folder);
}

function round1(n) {
  return Math.round(n * 10) / 10;
}
