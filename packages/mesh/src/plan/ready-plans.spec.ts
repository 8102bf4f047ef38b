import { once } from "node:events";
import { Subject } from "rxjs";
import { expect, test, vi } from "vitest";
import { mesh, node, service, settings, workload } from "../../spec-support/documents.js";
import { planRedirects } from "../compile-mesh.js";
import { planReady, readyPlans } from "./ready-plans.js";
import type { RedirectPlan } from "./redirect-plan.js";

const plan = (...addresses: string[]) =>
  planRedirects(
    mesh(
      settings({ enrol: [{}] }),
      node("n1", { addresses: ["10.0.0.1"] }),
      workload("web", { addresses: ["10.1.0.1"], node: "n1" }),
      ...addresses.map((address, i) => service(`s${i}`, { addresses: [address], ports: [{ port: 80 }] })),
    ),
    "n1",
  );

/** Listeners that are asked for become ready when they are told to be. */
function facts() {
  const waiting = new Map<string, () => void>();
  const given = new Set<string>();
  return {
    waiting,
    given,
    listenerReady: (proxy: string, listener: string, { signal }: { signal?: AbortSignal }) =>
      new Promise<void>((resolve) => {
        waiting.set(`${proxy} ${listener}`, resolve);
        signal?.addEventListener("abort", () => given.add(`${proxy} ${listener}`));
      }),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a plan comes when all of its listeners are ready, each asked for once", async () => {
  const plans$ = new Subject<RedirectPlan>();
  const known = facts();
  const ready: string[] = [];
  readyPlans(plans$, known).subscribe(({ generation }) => ready.push(generation));
  const first = plan("10.96.0.1", "10.96.0.2");
  plans$.next(first);
  expect([...known.waiting.keys()]).toEqual([
    "node~n1 redirect/10.0.0.1:15001",
    "node~n1 tcp/10.96.0.1:80",
    "node~n1 tcp/10.96.0.2:80",
  ]);
  known.waiting.get("node~n1 redirect/10.0.0.1:15001")!();
  known.waiting.get("node~n1 tcp/10.96.0.2:80")!();
  await settled();
  expect(ready).toEqual([]);
  known.waiting.get("node~n1 tcp/10.96.0.1:80")!();
  await settled();
  expect(ready).toEqual([first.generation]);
});

test("a plan that is overtaken is waited for no more", async () => {
  const plans$ = new Subject<RedirectPlan>();
  const known = facts();
  const ready: string[] = [];
  readyPlans(plans$, known).subscribe(({ generation }) => ready.push(generation));
  plans$.next(plan("10.96.0.1"));
  const second = plan();
  plans$.next(second);
  await settled();
  expect(known.given.has("node~n1 tcp/10.96.0.1:80")).toBe(true);
  known.waiting.get("node~n1 tcp/10.96.0.1:80")!();
  await settled();
  // Without services nothing is redirected, and nothing waited for.
  expect(ready).toEqual([second.generation]);
});

test("a plan of many listeners is no leak to Node.js, and its signal reaches each of them", async () => {
  const emitWarning = vi.spyOn(process, "emitWarning").mockReturnValue();
  const known = facts();
  const stop = new AbortController();
  const many = Array.from({ length: 50 }, (_, i) => `10.96.0.${i + 1}`);
  void planReady(plan(...many), known, { signal: stop.signal });
  expect(known.waiting.size).toBe(51);
  const aborted = once(stop.signal, "abort");
  stop.abort();
  await aborted;
  expect(known.given.size).toBe(51);
  expect(emitWarning).not.toHaveBeenCalled();
  emitWarning.mockRestore();
});
