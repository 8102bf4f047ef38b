import { createSnapshot, type Draft, edit, type Snapshot } from "@rxds/core";
import { RedirectProtocol } from "@rxds/envoy-api/rxds/mesh/v1/redirect_plan";
import { defer, map, type Observable } from "rxjs";
import type { RedirectEntry, RedirectPlan } from "../plan/redirect-plan.js";
import { type ByService, type GroupLayout, layoutOf, sameWithoutEntries } from "./layout.js";
import { buildPiece } from "./piece.js";
import { groupPiece, PLAN_PIECE, REDIRECT_PIECE, servicePiece } from "./piece-names.js";
import { sameData } from "./same-data.js";

/**
 * The redirect plans of one node as snapshots, for the node's agent: a plan goes in pieces ({@link REDIRECT_PIECE}), so that the
 * next one costs what differs. One service that changes for one proxy changes two resources, its own and the plan's; proxies
 * with the same entries share their pieces. Equal plans have equal snapshots, whatever was before and wherever they are made.
 *
 * Of the pieces {@link createPlanAssembler} makes the plan again.
 */
export function planSnapshots(plan$: Observable<RedirectPlan>): Observable<Snapshot> {
  return defer(() => {
    /** All pieces but the plan's. */
    let pieces = createSnapshot();
    let layouts = new Map<string, GroupLayout>();
    return plan$.pipe(
      map((plan) => {
        const before = layouts;
        layouts = layoutOf(plan, before);
        pieces = edit(pieces, (draft) => {
          for (const proxy of before.keys()) if (!layouts.has(proxy)) dropGroup(draft, proxy, before.get(proxy)!);
          for (const [proxy, layout] of layouts) showGroup(draft, layout, before.get(proxy));
        });
        return edit(pieces, (draft) => draft.set(planPiece(plan, pieces.version)));
      }),
    );
  });
}

function planPiece({ node, generation, whenAway, groups }: RedirectPlan, digest: string) {
  const value = {
    node,
    generation,
    digest,
    passWhenAway: whenAway === "pass",
    proxies: groups.map(({ proxy }) => proxy),
  };
  return buildPiece(PLAN_PIECE, { case: "plan", value });
}

function dropGroup(draft: Draft, proxy: string, { own }: GroupLayout): void {
  draft.delete(REDIRECT_PIECE, groupPiece(proxy));
  for (const service of own.keys()) draft.delete(REDIRECT_PIECE, servicePiece(proxy, service));
}

function showGroup(draft: Draft, layout: GroupLayout, before: GroupLayout | undefined): void {
  if (layout === before) return;
  const { group, like, own } = layout;
  const { proxy, workloads, inbound } = group;
  const sameHead = before !== undefined && likeOf(before) === likeOf(layout) && sameWithoutEntries(before.group, group);
  if (!sameHead) {
    const value = {
      proxy,
      workloads: workloads.map((workload) => ({ ...workload, addresses: [...workload.addresses] })),
      like: like?.group.proxy ?? "",
      ...(inbound === undefined ? {} : { inbound }),
    };
    draft.set(buildPiece(groupPiece(proxy), { case: "group", value }));
  }
  if (own !== before?.own) showServices(draft, proxy, own, before?.own);
}

const likeOf = ({ like }: GroupLayout) => like?.group.proxy;

function showServices(draft: Draft, proxy: string, own: ByService, before: ByService = new Map()): void {
  for (const service of before.keys())
    if (!own.has(service)) draft.delete(REDIRECT_PIECE, servicePiece(proxy, service));
  for (const [service, entries] of own) {
    if (sameData(entries, before.get(service))) continue;
    const value = { proxy, service, entries: entries.map(encodeEntry) };
    draft.set(buildPiece(servicePiece(proxy, service), { case: "service", value }));
  }
}

function encodeEntry({ address, port, protocol, to, listeners, closed }: RedirectEntry) {
  return {
    address,
    port,
    protocol: protocol === "udp" ? RedirectProtocol.UDP : RedirectProtocol.TCP,
    toAddress: to.address,
    toPort: to.port,
    listeners: [...listeners],
    closed: closed === true,
  };
}
