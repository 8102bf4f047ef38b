import { Subject, type Subscription } from "rxjs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readyEntries } from "./ready-entries.js";
import type { RedirectEntry, RedirectGroup, RedirectPlan } from "./redirect-plan.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** `"10.96.0.1 -> 15001"`: an entry that needs the listener `tcp/10.96.0.1:80` and that of the port. */
const entry = (text: string): RedirectEntry => {
  const [address = "", port = ""] = text.split(" -> ");
  const listeners = [`redirect:${port}`, `tcp/${address}:80`];
  const rest = { port: 80, protocol: "tcp" as const, service: `default/${address}` };
  return { address, ...rest, to: { address: "10.0.0.1", port: Number(port) }, listeners };
};

const group = (proxy: string, workloads: readonly string[], ...entries: readonly string[]): RedirectGroup => ({
  proxy,
  workloads: workloads.map((name) => ({ name, addresses: [] })),
  entries: entries.map(entry),
});

const plan = (generation: string, ...groups: readonly RedirectGroup[]): RedirectPlan => ({
  node: "n1",
  generation,
  groups,
});

/** What comes out of the plans that go in, and which listeners are asked for. */
function following() {
  const plans$ = new Subject<RedirectPlan>();
  const asked = new Map<string, { resolve(): void; reject(error: Error): void }>();
  const questions: string[] = [];
  const given: string[] = [];
  const listenerReady = (proxy: string, listener: string, { signal }: { signal?: AbortSignal }) =>
    new Promise<void>((resolve, reject) => {
      const name = `${proxy} ${listener}`;
      questions.push(name);
      asked.set(name, { resolve, reject });
      signal?.addEventListener("abort", () => {
        given.push(name);
        reject(signal.reason);
      });
    });
  const shown: RedirectPlan[] = [];
  const subscription: Subscription = readyEntries(plans$, { listenerReady }).subscribe((each) => shown.push(each));
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    plans$,
    asked,
    questions,
    given,
    shown,
    subscription,
    settled,
    /** What came out since the last time. */
    news: async () => {
      await settled();
      await settled();
      return shown.splice(0).map(({ generation, groups }) => [
        generation,
        ...groups.map(({ proxy, workloads, entries, inbound }) => {
          const to = entries.map((each) => `${each.address} -> ${each.to.port}`).join(", ");
          const names = workloads.map(({ name }) => name).join(" ");
          return `${proxy} [${names}]: ${to}${inbound === undefined ? "" : `, inbound ${inbound.port}`}`;
        }),
      ]);
    },
    /** Those listeners of node~n1, or of the proxy that is named, are ready now. */
    ready: (...listeners: readonly string[]) => {
      for (const name of listeners) asked.get(name.includes(" ") ? name : `node~n1 ${name}`)!.resolve();
    },
    /** That much time passes. */
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
  };
}

const A = "tcp/10.96.0.1:80";
const B = "tcp/10.96.0.2:80";
const PORT = "redirect:15001";

test("the first plan comes whole when all is ready, each listener asked for once", async () => {
  const { plans$, questions, news, ready } = following();
  const all = plan("g1", group("node~n1", ["w"], "10.96.0.1 -> 15001", "10.96.0.2 -> 15001"));
  plans$.next(all);
  ready(PORT, B);
  expect(await news()).toEqual([]);
  ready(A);
  expect(await news()).toEqual([["g1", "node~n1 [w]: 10.96.0.1 -> 15001, 10.96.0.2 -> 15001"]]);
  expect(questions.sort()).toEqual([`node~n1 ${PORT}`, `node~n1 ${A}`, `node~n1 ${B}`]);
});

test("a listener that does not become ready holds up nothing else: the first plan waits for it no longer than it may", async () => {
  const { plans$, news, ready, pass } = following();
  plans$.next(plan("g1", group("node~n1", ["w"], "10.96.0.1 -> 15001", "10.96.0.2 -> 15001")));
  // As long as nothing is ready there is nothing to be said: what is in force stays so.
  await pass(60_000);
  expect(await news()).toEqual([]);
  ready(PORT, A);
  await news();
  await pass(29_999);
  expect(await news()).toEqual([]);
  await pass(1);
  expect(await news()).toEqual([["g1", "node~n1 [w]: 10.96.0.1 -> 15001"]]);
  ready(B);
  expect(await news()).toEqual([["g1", "node~n1 [w]: 10.96.0.1 -> 15001, 10.96.0.2 -> 15001"]]);
});

test("a plan of nothing comes at once", async () => {
  const { plans$, news } = following();
  plans$.next(plan("g1"));
  expect(await news()).toEqual([["g1"]]);
});

/** A plan with one entry in force. */
async function inForce(first = plan("g1", group("node~n1", ["w"], "10.96.0.1 -> 15001"))) {
  const all = following();
  all.plans$.next(first);
  all.ready(...all.asked.keys());
  await all.news();
  return all;
}

test("a new entry is left out until it is ready, and what becomes ready in one turn comes at once", async () => {
  const { plans$, news, ready } = await inForce();
  plans$.next(plan("g2", group("node~n1", ["w"], "10.96.0.1 -> 15001", "10.96.0.2 -> 15001", "10.96.0.3 -> 15001")));
  expect(await news()).toEqual([["g2", "node~n1 [w]: 10.96.0.1 -> 15001"]]);
  ready(B, "tcp/10.96.0.3:80");
  expect(await news()).toEqual([["g2", "node~n1 [w]: 10.96.0.1 -> 15001, 10.96.0.2 -> 15001, 10.96.0.3 -> 15001"]]);
});

test("an entry keeps its old target until the new one is ready, and the generation says so", async () => {
  const { plans$, news, ready, given } = await inForce();
  plans$.next(plan("g2", group("node~n1", ["w", "x"], "10.96.0.1 -> 15002")));
  expect(await news()).toEqual([["g2.partial", "node~n1 [w x]: 10.96.0.1 -> 15001"]]);
  // Nobody asks for the old listener any more.
  expect(given).toEqual([`node~n1 ${PORT}`]);
  ready("redirect:15002");
  expect(await news()).toEqual([["g2", "node~n1 [w x]: 10.96.0.1 -> 15002"]]);
});

test("an entry that is not wanted any more leaves at once, though others wait", async () => {
  const { plans$, news } = await inForce();
  plans$.next(plan("g2", group("node~n1", ["w"], "10.96.0.2 -> 15001")));
  expect(await news()).toEqual([["g2", "node~n1 [w]: "]]);
});

test("what comes in goes on as before until the new listener is ready", async () => {
  const inbound = (port: number) => ({ inbound: { port, listener: `in:${port}` } });
  const sidecar = group("sidecar~a/w", ["a/w"]);
  const { plans$, news, ready } = await inForce(plan("g1", { ...sidecar, ...inbound(15006) }));
  plans$.next(plan("g2", { ...sidecar, ...inbound(15007) }));
  expect(await news()).toEqual([["g2.partial", "sidecar~a/w [a/w]: , inbound 15006"]]);
  ready("sidecar~a/w in:15007");
  expect(await news()).toEqual([["g2", "sidecar~a/w [a/w]: , inbound 15007"]]);
});

test("a workload goes to another proxy when all that it had is ready there", async () => {
  const before = [group("sidecar~a/w", ["a/w"], "10.96.0.1 -> 15001"), group("node~n1", ["x"], "10.96.0.1 -> 15003")];
  const { plans$, news, ready } = await inForce(plan("g1", ...before));
  plans$.next(plan("g2", group("node~n1", ["x", "a/w"], "10.96.0.1 -> 15002", "10.96.0.2 -> 15002")));
  expect(await news()).toEqual([
    ["g2.partial", "node~n1 [x]: 10.96.0.1 -> 15003", "sidecar~a/w [a/w]: 10.96.0.1 -> 15001"],
  ]);
  // What it did not have before, it need not wait for.
  ready("redirect:15002");
  expect(await news()).toEqual([["g2", "node~n1 [x a/w]: 10.96.0.1 -> 15002"]]);
  ready(B);
  expect(await news()).toEqual([["g2", "node~n1 [x a/w]: 10.96.0.1 -> 15002, 10.96.0.2 -> 15002"]]);
});

test("a workload that stays for a while goes on with what its proxy has, without what is not wanted any more", async () => {
  const old = group("node~n1", ["x", "a/w"], "10.96.0.1 -> 15001", "10.96.0.2 -> 15001", "10.96.0.3 -> 15001");
  const { plans$, news, ready } = await inForce(plan("g1", old));
  plans$.next(
    plan(
      "g2",
      group("node~n1", ["x"], "10.96.0.1 -> 15001"),
      group("sidecar~a/w", ["a/w"], "10.96.0.1 -> 15001", "10.96.0.2 -> 15001"),
    ),
  );
  ready(`sidecar~a/w ${PORT}`, `sidecar~a/w ${A}`);
  expect(await news()).toEqual([
    ["g2.partial", "node~n1 [x a/w]: 10.96.0.1 -> 15001, 10.96.0.2 -> 15001", "sidecar~a/w []: 10.96.0.1 -> 15001"],
  ]);
  ready(`sidecar~a/w ${B}`);
  expect(await news()).toEqual([
    ["g2", "node~n1 [x]: 10.96.0.1 -> 15001", "sidecar~a/w [a/w]: 10.96.0.1 -> 15001, 10.96.0.2 -> 15001"],
  ]);
});

test("when all is ready a plan comes as it is, with the lists that its groups share", async () => {
  const { plans$, shown, ready, settled } = following();
  const shared = group("sidecar~a/w", ["a/w"], "10.96.0.1 -> 15001");
  const all = plan("g1", shared, { ...shared, proxy: "sidecar~a/x" });
  plans$.next(all);
  ready(...["w", "x"].flatMap((name) => [`sidecar~a/${name} ${PORT}`, `sidecar~a/${name} ${A}`]));
  await settled();
  await settled();
  expect(shown).toEqual([all]);
  expect(shown[0]!.groups.every(({ entries }) => entries === shared.entries)).toBe(true);
});

test("nothing is asked for any more by whom nobody listens to", async () => {
  const { plans$, subscription, given } = following();
  plans$.next(plan("g1", group("node~n1", ["w"], "10.96.0.1 -> 15001")));
  subscription.unsubscribe();
  expect(given.sort()).toEqual([`node~n1 ${PORT}`, `node~n1 ${A}`]);
});

test("what was given up by who knows is asked for again with the next plan", async () => {
  const { plans$, asked, questions, news, ready } = await inForce();
  plans$.next(plan("g2", group("node~n1", ["w"], "10.96.0.1 -> 15001", "10.96.0.2 -> 15001")));
  await news();
  asked.get(`node~n1 ${B}`)!.reject(new Error("not in time"));
  await news();
  plans$.next(plan("g3", group("node~n1", ["w", "x"], "10.96.0.1 -> 15001", "10.96.0.2 -> 15001")));
  expect(questions.filter((name) => name === `node~n1 ${B}`).length).toBe(2);
  ready(B);
  expect((await news()).at(-1)).toEqual(["g3", "node~n1 [w x]: 10.96.0.1 -> 15001, 10.96.0.2 -> 15001"]);
});
