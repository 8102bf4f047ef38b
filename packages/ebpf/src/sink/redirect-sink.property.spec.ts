import type { RedirectPlan } from "@rxds/mesh/plan";
import fc from "fast-check";
import { BehaviorSubject, filter, firstValueFrom } from "rxjs";
import { expect, test } from "vitest";
import { Look } from "../../spec-support/look.js";
import { OBJECTS } from "../../spec-support/objects.js";
import { addNetns, anyPlan, keyOf, plan, routesOf, WORKLOADS } from "../../spec-support/plans.js";
import { PINS } from "../../spec-support/sinks.js";
import { type OpenMachine, openMachine } from "../kernel/memory/memory-kernel.js";
import { redirectSink } from "./redirect-sink.js";

/** A machine with all workloads' network namespaces. */
function withWorkloads() {
  const on = openMachine();
  const cookies = new Map(WORKLOADS.map((name) => [name, addNetns(on, name)]));
  return { on, look: new Look(on, PINS), cookies };
}

const start = (on: OpenMachine, plan$: BehaviorSubject<RedirectPlan>, inPlace: number) =>
  redirectSink({ plan$, kernel: on.process(), object: OBJECTS.one, watchProxiesMs: 0, inPlace });

const destinations = (plans: readonly RedirectPlan[]) =>
  plans.flatMap(({ groups }) => groups.flatMap(({ entries }) => entries));

/**
 * Every destination that a workload is redirected for by both plans is, and each is redirected only to where one of the plans sends
 * callers of its proxy before or after: who comes or goes may for a moment share what its neighbours have.
 */
function lost(look: Look, cookies: ReadonlyMap<string, bigint>, from: RedirectPlan, to: RedirectPlan): string[] {
  const [before, after] = [routesOf(from), routesOf(to)];
  // A service's name may be another for the same listener: only where it goes counts here.
  const at = (text: string | undefined) => text?.split(" ").slice(0, 2).join(" ");
  return [...cookies].flatMap(([name, cookie]) => {
    const now = look.routes(cookie, destinations([from, to]));
    const proxies = [from, to].flatMap(({ groups }) =>
      groups
        .filter(({ workloads }) => workloads.some((one) => one.name === `default/${name}`))
        .map(({ proxy }) => proxy),
    );
    const shared = [from, to].flatMap(({ groups }) => groups.filter(({ proxy }) => proxies.includes(proxy)));
    const keys = new Set(destinations([from, to]).map(keyOf));
    return [...keys].flatMap((key) => {
      const [was, is, will] = [before.get(name)?.get(key), now.get(key), after.get(name)?.get(key)];
      const may = shared.flatMap(({ entries }) =>
        entries.filter((e) => keyOf(e) === key).map((e) => `${e.to.address} ${e.to.port}`),
      );
      const ok = is === undefined ? was === undefined || will === undefined : may.includes(at(is) ?? "");
      return ok ? [] : [`${name} ${key}: ${was} -> ${will}, but ${is}`];
    });
  });
}

const inPlace = fc.constantFrom(0, 3, 4096);

test("between two plans every workload is redirected as one of them says, after every single write", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyPlan, { minLength: 2, maxLength: 5 }), inPlace, async (plans, limit) => {
      const { on, look, cookies } = withWorkloads();
      let before = plan();
      let problems: string[] = [];
      const plan$ = new BehaviorSubject(before);
      const sink = await start(on, plan$, limit);
      await firstValueFrom(sink.applied$);
      for (const next of plans) {
        on.state.onWrite = () => {
          problems = problems.concat(lost(look, cookies, before, next));
        };
        plan$.next(next);
        await firstValueFrom(sink.applied$.pipe(filter(({ generation }) => generation === next.generation)));
        expect(problems).toEqual([]);
        for (const [name, cookie] of cookies) {
          expect(look.routes(cookie, destinations([before, next]))).toEqual(routesOf(next).get(name) ?? new Map());
        }
        expect(look.size).toBe(
          new Set(
            next.groups.flatMap(({ proxy, entries }) =>
              entries.map((e) => `${proxy} ${e.protocol} ${e.address} ${e.port}`),
            ),
          ).size,
        );
        before = next;
      }
      await sink.close();
    }),
  );
});

test("a sink that is killed at any step leaves every workload redirected, its successor finishes, and the next has nothing to write", async () => {
  const killed = new Error("killed");
  await fc.assert(
    fc.asyncProperty(anyPlan, anyPlan, fc.nat(40), inPlace, async (first, second, step, limit) => {
      const { on, look, cookies } = withWorkloads();
      const plan$ = new BehaviorSubject(first);
      const sink = await start(on, plan$, limit);
      await firstValueFrom(sink.applied$);
      let left = step;
      const kill = () => {
        left--;
        if (left < 0) throw killed;
      };
      on.state.onStep = kill;
      on.state.onWrite = kill;
      const over = Promise.race([
        firstValueFrom(sink.failures$.pipe(filter(({ error }) => error === killed))),
        firstValueFrom(sink.applied$.pipe(filter(({ generation }) => generation === second.generation))),
      ]);
      plan$.next(second);
      await over;
      on.state.onStep = () => {};
      on.state.onWrite = () => {};
      on.state.locks.clear();
      expect(lost(look, cookies, first, second)).toEqual([]);

      const successor = await start(on, new BehaviorSubject(second), limit);
      await firstValueFrom(successor.applied$);
      for (const [name, cookie] of cookies) {
        expect(look.routes(cookie, destinations([first, second]))).toEqual(routesOf(second).get(name) ?? new Map());
      }
      await successor.close();
      const next = await start(on, new BehaviorSubject(second), limit);
      expect(await firstValueFrom(next.applied$)).toMatchObject({ writes: 0, table: "none" });
      await next.close();
    }),
  );
});
