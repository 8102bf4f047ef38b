import { typeUrls } from "@rxds/core";
import type { Content } from "../fanout/body-cache.js";
import type { XdsStream } from "./stream.js";
import type { Subscription } from "./subscription.js";

/**
 * Owes the client the endpoints of clusters that changed, even if they did not: a changed EDS cluster warms until it gets its
 * endpoints anew, and a delta client does not ask again (rule 49). A cluster that is new to the client is asked for.
 *
 * @param tried What goes again after a rejection, or was asked for: new to the client although it did not change since `from`.
 */
export function feedEndpoints(
  clusters: Subscription,
  from: number,
  { upserts }: Content,
  tried: readonly number[] = [],
): void {
  const { stream, index } = clusters;
  const endpoints = stream.subscriptions.get(typeUrls.endpoints);
  if (endpoints === undefined) return;
  const owed = endpoints.owed?.size ?? 0;
  const again = new Set(tried);
  for (const id of upserts) {
    // A full state also holds what did not change. A delta holds only what the client lacks: also what it rejected, or has
    // kept from an older stream.
    if (stream.protocol === "sotw" && index.table.changedAt(id) <= from && !again.has(id)) continue;
    for (const { type, name } of index.table.resource(id)?.references ?? []) {
      const target = type === typeUrls.endpoints ? endpoints.index.table.idOf(name) : undefined;
      // What the client rejected would only be rejected again.
      if (target !== undefined && endpoints.set.resource(target) && !endpoints.isHeld(target)) endpoints.owe(target);
    }
  }
  if ((endpoints.owed?.size ?? 0) > owed) stream.hooks.loop.queue(endpoints);
}

/**
 * As {@link feedEndpoints}, for a client whose first request for endpoints comes after clusters were sent that it has not
 * accepted.
 */
export function feedLate(stream: XdsStream): void {
  const clusters = stream.subscriptions.get(typeUrls.cluster);
  for (const { from, content } of clusters?.flights ?? []) if (from > 0) feedEndpoints(clusters!, from, content);
}

/**
 * Owes the client the virtual hosts that it asked for of route configurations that were just sent: by the protocol an update
 * of a route configuration clears its table of hosts (rule 58). Envoy 1.40 keeps them, and does not mind.
 */
export function feedHosts(routes: Subscription, { upserts }: Content): void {
  const { stream, index } = routes;
  const hosts = stream.subscriptions.get(typeUrls.virtualHost);
  if (hosts?.names?.listed === undefined || !stream.hooks.resendsHosts) return;
  const parents = new Set(upserts.flatMap((id) => index.table.nameOf(id) ?? []));
  for (const name of hosts.names.listed) {
    const asked = hosts.index.table.nameOf(name) ?? "";
    if (!parents.has(asked.slice(0, Math.max(0, asked.lastIndexOf("/"))))) continue;
    for (const id of hosts.set.meant(name)) if (!hosts.isHeld(id)) hosts.owe(id);
  }
  if (hosts.owed !== undefined) stream.hooks.loop.queue(hosts);
}
