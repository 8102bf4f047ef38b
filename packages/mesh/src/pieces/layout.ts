import type { RedirectEntry, RedirectGroup, RedirectPlan } from "../plan/redirect-plan.js";
import { sameData } from "./same-data.js";

/** The entries of each service, in the order of the plan. */
export type ByService = ReadonlyMap<string, readonly RedirectEntry[]>;

/** How the entries of a group are told. */
export interface GroupLayout {
  readonly group: RedirectGroup;
  /** The layout of an earlier group that has the same entries, but for those of `own`; undefined: it has only its own. */
  readonly like: GroupLayout | undefined;
  /** What has to be told, by service; empty lists for what the other group has and this one has not. */
  readonly own: ByService;
}

/** So many earlier groups are compared with. */
const MOST_COMPARED = 4;

/**
 * How the groups of a plan are told in pieces: many have the same entries, and those of one group need not be repeated for another.
 * Equal plans have equal layouts, whatever was before. A group that did not change keeps its layout, the same object.
 */
export function layoutOf(plan: RedirectPlan, before: ReadonlyMap<string, GroupLayout>): Map<string, GroupLayout> {
  const layouts = new Map<string, GroupLayout>();
  const compared = new Map<string, GroupLayout[]>();
  for (const group of plan.groups) {
    const kind = group.proxy.slice(0, group.proxy.indexOf("~"));
    const others = compared.get(kind) ?? [];
    const layout = layoutGroup(group, others, before.get(group.proxy));
    layouts.set(group.proxy, layout);
    if (layout.like !== undefined || layout.own.size === 0 || others.length >= MOST_COMPARED) continue;
    compared.set(kind, [...others, layout]);
  }
  return layouts;
}

function layoutGroup(
  group: RedirectGroup,
  others: readonly GroupLayout[],
  before: GroupLayout | undefined,
): GroupLayout {
  const all = byService(group.entries);
  const sameEntries = before?.group.entries === group.entries;
  for (const other of others) {
    const known = sameEntries && before.like?.own === other.own && before.like.group.proxy === other.group.proxy;
    const own = known ? before.own : group.entries === other.group.entries ? NOTHING : difference(all, other.own);
    if (own.size * 2 <= all.size) return kept({ group, like: other, own }, before);
  }
  return kept({ group, like: undefined, own: all }, before);
}

/** A layout that is the same as before is that object: what was made from it need not be looked at again. */
function kept(layout: GroupLayout, before: GroupLayout | undefined): GroupLayout {
  const same = before !== undefined && before.like === layout.like && before.own === layout.own;
  return same && sameWithoutEntries(before.group, layout.group) ? before : layout;
}

const NOTHING: ByService = new Map();

/** What has to be told of a group to somebody who knows what another has. */
function difference(all: ByService, other: ByService): ByService {
  const own = new Map<string, readonly RedirectEntry[]>();
  for (const [service, entries] of all) if (!sameData(entries, other.get(service))) own.set(service, entries);
  for (const service of other.keys()) if (!all.has(service)) own.set(service, []);
  return own.size === 0 ? NOTHING : own;
}

/** Whether all is equal but the entries. */
export function sameWithoutEntries(a: RedirectGroup, b: RedirectGroup): boolean {
  return sameData({ ...a, entries: undefined }, { ...b, entries: undefined });
}

const split = new WeakMap<readonly RedirectEntry[], ByService>();

function byService(entries: readonly RedirectEntry[]): ByService {
  let found = split.get(entries);
  if (found === undefined) {
    const lists = new Map<string, RedirectEntry[]>();
    for (const entry of entries) {
      const list = lists.get(entry.service);
      if (list === undefined) lists.set(entry.service, [entry]);
      else list.push(entry);
    }
    found = lists;
    split.set(entries, found);
  }
  return found;
}
