import { type MeshPlane, type RedirectPlan, readyPlans } from "@rxds/mesh";
import { type LabPlaces, planApplier } from "@rxds/testkit";
import type { XdsServer } from "rxds";
import {
  BehaviorSubject,
  concatMap,
  filter,
  firstValueFrom,
  ignoreElements,
  merge,
  switchMap,
  tap,
  timeout,
} from "rxjs";
import type { Topology } from "./documents.js";
import type { Envoys } from "./envoys.js";
import { SERVER_PORT } from "./places.js";

/** What keeps nodes as the plans of a mesh say. */
export interface KeepUp {
  /** Resolves when each node is as it is to be in a topology: connections redirected, and no other Envoys there. */
  settled(topology: Topology): Promise<void>;
  /** Rejects when something could not be done; nothing is followed any more then. */
  failed(): Promise<never>;
  stop(): void;
}

/** How long a change may take. */
const DEADLINE_MS = 60_000;

/** Follows the plan of each node: starts the Envoys that it asks for, puts it into force, and ends the Envoys of before. */
export function keepUp(plane: MeshPlane, server: XdsServer, envoys: Envoys, places: LabPlaces): KeepUp {
  const applier = planApplier(places);
  const settled$ = new BehaviorSubject<ReadonlyMap<string, RedirectPlan>>(new Map());

  const follow = (node: string) => {
    // Says that somebody tells which plans are in force: until then, what was in force before goes on being served.
    plane.applied(node, "");
    let newest: RedirectPlan | undefined;
    const staffed$ = plane.redirectPlan(node).pipe(
      tap((plan) => {
        newest = plan;
      }),
      switchMap(async (plan) => {
        await envoys.start(node, proxiesOf(plan));
        return plan;
      }),
    );
    return readyPlans(staffed$, server).pipe(
      concatMap(async (plan) => {
        await applier.apply(plan, () => [SERVER_PORT]);
        plane.applied(node, plan.generation);
        // Where a newer one is on its way, it decides who is still needed.
        if (plan !== newest) return;
        await envoys.retireOthers(node, proxiesOf(plan));
        settled$.next(new Map(settled$.value).set(node, plan));
      }),
    );
  };
  const nodes = [...places.nodes.keys()];
  const work = merge(...nodes.map(follow)).subscribe({ error: (error) => settled$.error(error) });
  return {
    async settled(topology) {
      const isSettled = (plan: RedirectPlan | undefined) =>
        plan !== undefined && proxiesOf(plan).every((id) => id.startsWith(`${topology}~`));
      const all$ = settled$.pipe(filter((plans) => nodes.every((node) => isSettled(plans.get(node)))));
      await firstValueFrom(all$.pipe(timeout(DEADLINE_MS)));
    },
    failed: () => firstValueFrom(settled$.pipe(ignoreElements())),
    stop: () => work.unsubscribe(),
  };
}

const proxiesOf = ({ groups }: RedirectPlan): string[] => groups.map(({ proxy }) => proxy);
