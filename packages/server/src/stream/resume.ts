import { isCollection, typeUrls } from "@rxds/core";
import { awaitClusters } from "../hitless/late-clusters.js";
import { noteLacking, noteUnfed, noteUnknown } from "../hitless/ready.js";
import { claim, verifyClaims } from "./claims.js";
import type { Doubts } from "./marks.js";
import type { Subscription } from "./subscription.js";

/** The first request for a type on a stream: a client that had another stream before says what it holds (rule 40). */
export function resume(subscription: Subscription, held: ReadonlyMap<string, string>): void {
  const { stream, type } = subscription;
  awaitClusters(stream, type.typeUrl);
  const doubts = stream.hooks.marks.take(stream, type.typeUrl);
  if (held.size > 0) compare(subscription, held, doubts);
  // It has clusters, and no endpoints at all.
  else if (stream.planner?.returned) noteUnfed(subscription, () => false);
  if (doubts !== undefined) dropDoubtful(subscription, doubts);
  const listens = stream.subscriptions.has(typeUrls.listener);
  if (held.size > 0 || type.typeUrl === typeUrls.listener) stream.planner?.resumed(type.typeUrl, listens);
  if (type.typeUrl === typeUrls.endpoints) verifyClaims(stream);
}

/** Equal versions are not sent again, other ones are, and what is gone is said to be. What is doubtful counts as not held. */
function compare(subscription: Subscription, held: ReadonlyMap<string, string>, doubts: Doubts | undefined): void {
  const { index, set } = subscription;
  const isNew = (name: string) => doubts === "all" || doubts?.has(name) === true;
  const isProven = (name: string) => {
    const proof = doubts === "all" ? undefined : doubts?.get(name);
    return proof !== undefined && held.get(name) === proof;
  };
  const isDoubtful = (name: string) => isNew(name) && !isProven(name);
  const have = new Set<number>();
  const gone: number[] = [];
  for (const [name, version] of held) {
    const id = index.table.idOf(name);
    const resource = id === undefined ? undefined : set.resource(id);
    if (resource === undefined) {
      if (mayLose(subscription, id)) gone.push(index.table.retain(name));
    } else if (resource.version === version && !isDoubtful(resource.name)) have.add(id!);
  }
  const { upserts, missing } = set.changesSince(0);
  for (const id of upserts) {
    if (have.has(id)) continue;
    subscription.owe(id);
    const name = index.table.nameOf(id) ?? "";
    if (isDoubtful(name)) doubtStill(subscription, name);
    // What it has in an older version it can use, unless that is as new to it.
    if (isNew(name) || !held.has(name)) noteUnknown(subscription, id);
  }
  for (const id of missing) if (!gone.includes(id)) subscription.owe(id);
  noteUnfed(subscription, (id) => have.has(id) || held.has(index.table.nameOf(id) ?? ""));
  subscription.postpone([...(subscription.late ?? []), ...gone]);
  for (const id of gone) index.table.release(id);
  subscription.cursor = subscription.stream.seq();
  // Who has all there is, and asks for no more, is not answered.
  subscription.resumed = subscription.wildcard || subscription.owed !== undefined;
  const { typeUrl } = subscription.type;
  if (typeUrl === typeUrls.cluster) noteLacking(subscription);
  claim(subscription, have);
}

/** What is doubtful and gone: the client may have it although it does not say so. */
function dropDoubtful(subscription: Subscription, doubts: Doubts): void {
  if (doubts === "all") return;
  const { index, set, wildcard } = subscription;
  const gone: number[] = [];
  for (const name of doubts.keys()) {
    const id = index.table.idOf(name);
    const wanted = wildcard || (id !== undefined && set.members.has(id));
    if (!wanted || (id !== undefined && set.resource(id) !== undefined)) continue;
    gone.push(index.table.retain(name));
    doubtStill(subscription, name);
  }
  subscription.postpone([...(subscription.late ?? []), ...gone]);
  for (const id of gone) index.table.release(id);
}

/** Until the client has accepted what it is sent of a name now, it stays doubtful. */
function doubtStill(subscription: Subscription, name: string): void {
  subscription.doubtful ??= new Map();
  subscription.doubtful.set(name, 0);
}

/**
 * Whether a client that holds a resource which is gone has to hear of it. What it holds by another name than the resource's
 * own, it must have asked for by a name that stands for nothing else now.
 */
function mayLose({ wildcard, set }: Subscription, id: number | undefined): boolean {
  if (wildcard || (id !== undefined && set.members.has(id))) return true;
  return (
    set.listed?.some((name) => set.meant(name).length === 0 || isCollection(set.table.nameOf(name) ?? "")) === true
  );
}
