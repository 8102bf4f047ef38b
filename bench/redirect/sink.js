// What a redirect of many entries costs in this machine's kernel: filling a generation, swapping it in, changing one entry in place or
// by a new generation, and a restart. Needs root. The last line is the result.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { linuxKernel, redirectSink, removeRedirect } from "@rxds/ebpf";
import { BehaviorSubject, filter, firstValueFrom } from "rxjs";
import { median } from "../report/median.js";
import { changedPlan, planOf } from "./plan.js";
import { round, timed, total, watched } from "./watch.js";

/** @typedef {import("@rxds/mesh").RedirectPlan} RedirectPlan */
/** @typedef {import("@rxds/ebpf").RedirectSink} RedirectSink */

/** Entries of each service: two ports, IPv4 and IPv6. */
const ENTRIES_PER_SERVICE = 4;
/** Writes to the kernel of one entry that are timed. */
const WRITES = 1000;

const { values } = parseArgs({
  options: {
    entries: { type: "string", default: "100000" },
    rounds: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const count = Number(values.entries);
const rounds = Number(values.rounds);

const folder = mkdtempSync(join(tmpdir(), "rxds-bench-bpffs-"));
execFileSync("mount", ["-t", "bpf", "bpf", folder]);
const pins = join(folder, "rxds");
const base = planOf(count, ENTRIES_PER_SERVICE);
const seen = /** @type {Record<string, number[]>} */ ({});

/** @param {string} name @param {number} ms */
function note(name, ms) {
  const list = seen[name] ?? [];
  list.push(ms);
  seen[name] = list;
}

/** @param {BehaviorSubject<RedirectPlan>} plan$ @param {number} inPlace @param {import("./watch.js").Call[]} calls */
function open(plan$, inPlace, calls) {
  const sizes = { redirects: 2 * count + 1024, services: count + 1024 };
  return redirectSink({ plan$, pins, sizes, inPlace, watchProxiesMs: 50, kernel: timed(linuxKernel(), calls) });
}

/** @param {RedirectSink} sink @param {RedirectPlan} plan */
function applied(sink, { generation }) {
  return firstValueFrom(sink.applied$.pipe(filter((one) => one.generation === generation)));
}

/** One time through everything. @param {number} turn @param {number} inPlace */
async function play(turn, inPlace) {
  const calls = /** @type {import("./watch.js").Call[]} */ ([]);
  const plan$ = new BehaviorSubject(base);
  const first = await watched(async () => {
    const sink = await open(plan$, inPlace, calls);
    await applied(sink, base);
    return sink;
  });
  const sink = first.result;
  note("firstPlan", first.ms);
  note("fill", total(calls, "updateMany"));
  note("swap", total(calls, "setInner"));
  const changed = changedPlan(base, turn);
  const one = await watched(() => {
    plan$.next(changed);
    return applied(sink, changed);
  });
  const expected = inPlace > 0 ? "in-place" : "generation";
  if (one.result.table !== expected) throw new Error(`expected the change to be ${expected}, got ${one.result.table}`);
  note(expected, one.ms);
  await sink.close();
  const again = await watched(async () => {
    const next = await open(new BehaviorSubject(changed), inPlace, []);
    return { next, writes: (await applied(next, changed)).writes };
  });
  note("restart", again.ms);
  note("writes", again.result.writes);
  note("longest", Math.max(first.longest, one.longest, again.longest));
  await again.result.next.close();
  if (inPlace > 0) timeWrites();
  removeRedirect({ pins });
}

/** Writes one entry of the generation in force again and again. */
function timeWrites() {
  const { maps } = linuxKernel();
  const outer = maps.open(`${pins}/maps/redirects`);
  const generation = outer && maps.inner(outer, 0);
  if (generation === undefined) throw new Error("expected a generation in force");
  const [key, value] = [Buffer.alloc(generation.keySize, 1), Buffer.alloc(generation.valueSize, 1)];
  const start = performance.now();
  for (let i = 0; i < WRITES; i++) maps.update(generation, key, value);
  note("write", (performance.now() - start) / WRITES);
}

try {
  for (let turn = 0; turn < rounds; turn++) for (const inPlace of [4096, 0]) await play(turn, inPlace);
} finally {
  removeRedirect({ pins });
  execFileSync("umount", [folder]);
  rmdirSync(folder);
}

/** @param {string} name */
const of = (name) => round(median(seen[name] ?? []));
const result = {
  entries: count,
  rounds,
  fillMs: of("fill"),
  swapMs: of("swap"),
  firstPlanMs: of("firstPlan"),
  inPlaceWriteUs: round(1000 * median(seen.write ?? [])),
  oneEntryMs: { inPlace: of("in-place"), generation: of("generation") },
  restartMs: of("restart"),
  writes: Math.max(...(seen.writes ?? [])),
  longestTurnMs: round(Math.max(...(seen.longest ?? []))),
};
if (!values.json) {
  console.log(`${count} entries, medians of ${rounds} rounds (first plan, fill, swap and restart: of ${2 * rounds})

  a generation: filled           ${result.fillMs} ms
  a generation: swapped in       ${result.swapMs} ms
  the first plan, from nothing   ${result.firstPlanMs} ms
  one entry: the write alone     ${result.inPlaceWriteUs} us
  one entry: plan, in place      ${result.oneEntryMs.inPlace} ms
  one entry: plan, generation    ${result.oneEntryMs.generation} ms
  a restart, ${result.writes} writes            ${result.restartMs} ms
  longest turn of the event loop ${result.longestTurnMs} ms
`);
}
console.log(JSON.stringify(result));
