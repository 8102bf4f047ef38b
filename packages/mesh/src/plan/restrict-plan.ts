import { sameData } from "../pieces/same-data.js";
import { byDestination as inOrder } from "./by-destination.js";
import type { RedirectEntry, RedirectGroup, RedirectPlan } from "./redirect-plan.js";

/** Whether a listener of a proxy is ready. */
export type IsReady = (proxy: string, listener: string) => boolean;

/**
 * As much of a plan as can be in force: entries whose listeners are ready; for those that are not, what was in force before of the
 * same proxy and destination. A workload that moves to another proxy does so when all that was redirected for it is ready there.
 * A plan of which something old is left has a generation of its own.
 *
 * @param before what was in force before.
 */
export function restrictPlan(plan: RedirectPlan, isReady: IsReady, before: RedirectPlan | undefined): RedirectPlan {
  const old = new Map(before?.groups.map((group) => [group.proxy, group]));
  const oldEntries = new Map(before?.groups.map(({ proxy, entries }) => [proxy, byDestination(entries)]));
  let kept = false;
  const groups = new Map<string, RedirectGroup>();
  for (const group of plan.groups) {
    const known = oldEntries.get(group.proxy);
    const entries = group.entries.flatMap((entry) => {
      if (entry.listeners.every((listener) => isReady(group.proxy, listener))) return [entry];
      const stays = known?.get(destination(entry));
      if (stays !== undefined) kept = true;
      return stays === undefined ? [] : [stays];
    });
    const whole = entries.length === group.entries.length && entries.every((entry, i) => entry === group.entries[i]);
    const { inbound, ...rest } = { ...group, entries: whole ? group.entries : entries };
    const ready = inbound === undefined || isReady(group.proxy, inbound.listener);
    const inForce = ready ? inbound : old.get(group.proxy)?.inbound;
    if (!ready && inForce !== undefined) kept = true;
    groups.set(group.proxy, inForce === undefined ? rest : { ...rest, inbound: inForce });
  }
  for (const move of movesOf(plan, before)) {
    const waits = [...move.shared].some(
      ([, { listeners }]) => !listeners.every((listener) => isReady(move.to.proxy, listener)),
    );
    if (!waits) continue;
    kept = true;
    stayBehind(groups, move);
  }
  return {
    node: plan.node,
    generation: kept ? `${plan.generation}.partial` : plan.generation,
    ...(plan.whenAway === undefined ? {} : { whenAway: plan.whenAway }),
    groups: [...groups.values()],
  };
}

/** Workloads that go from one proxy to another. */
interface Move {
  readonly names: ReadonlySet<string>;
  /** As it was in force. */
  readonly from: RedirectGroup;
  readonly to: RedirectGroup;
  /** What is redirected before and after, by destination, as it is to be after. */
  readonly shared: ReadonlyMap<string, RedirectEntry>;
}

function movesOf(plan: RedirectPlan, before: RedirectPlan | undefined): readonly Move[] {
  const at = new Map(plan.groups.flatMap((group) => group.workloads.map(({ name }) => [name, group] as const)));
  return (before?.groups ?? []).flatMap((from) => {
    const targets = new Map<RedirectGroup, Set<string>>();
    for (const { name } of from.workloads) {
      const to = at.get(name);
      if (to === undefined || to.proxy === from.proxy) continue;
      targets.set(to, (targets.get(to) ?? new Set()).add(name));
    }
    if (targets.size === 0) return [];
    const was = byDestination(from.entries);
    return [...targets].map(([to, names]) => {
      const shared = to.entries.filter((entry) => was.has(destination(entry)));
      return { names, from, to, shared: byDestination(shared) };
    });
  });
}

/** Leaves workloads with the proxy that they had, and that proxy with what it is needed for. */
function stayBehind(groups: Map<string, RedirectGroup>, { names, from, to, shared }: Move): void {
  const next = groups.get(to.proxy)!;
  const moving = next.workloads.filter(({ name }) => names.has(name));
  groups.set(to.proxy, { ...next, workloads: next.workloads.filter(({ name }) => !names.has(name)) });
  const home = groups.get(from.proxy);
  const has = byDestination(home?.entries ?? []);
  const more = from.entries.filter((entry) => shared.has(destination(entry)) && !has.has(destination(entry)));
  const entries = more.length === 0 ? (home?.entries ?? []) : [...(home?.entries ?? []), ...more].sort(inOrder);
  const inbound = home?.inbound ?? from.inbound;
  groups.set(from.proxy, {
    proxy: from.proxy,
    workloads: [...(home?.workloads ?? []), ...moving],
    entries,
    ...(inbound === undefined ? {} : { inbound }),
  });
}

const known = new WeakMap<readonly RedirectEntry[], ReadonlyMap<string, RedirectEntry>>();

function byDestination(entries: readonly RedirectEntry[]): ReadonlyMap<string, RedirectEntry> {
  let found = known.get(entries);
  if (found === undefined) {
    found = new Map(entries.map((entry) => [destination(entry), entry]));
    known.set(entries, found);
  }
  return found;
}

const destination = ({ address, port, protocol }: RedirectEntry): string => `${address} ${port}/${protocol}`;

/** Whether two plans say the same. */
export function samePlan(a: RedirectPlan, b: RedirectPlan | undefined): boolean {
  return b !== undefined && sameData(a, b);
}
