import type { Content } from "../fanout/body-cache.js";
import type { Subscription } from "./subscription.js";

/**
 * Sends again what the client rejected and what names something that has changed since, and was just sent: it may have been rejected for that. A
 * listener whose certificate did not load is the case in point.
 */
export function reconsider(sent: Subscription, { upserts }: Content): void {
  const { stream, index, type } = sent;
  for (const other of stream.subscriptions.values()) {
    if (other.quarantine === undefined || other === sent) continue;
    const changes = new Map(upserts.map((id) => [index.table.nameOf(id), index.table.changedAt(id)]));
    for (const [id, { seq }] of [...other.quarantine]) {
      const references = other.set.resource(id)?.references ?? [];
      if (references.some((to) => to.type === type.typeUrl && (changes.get(to.name) ?? 0) > seq)) other.owe(id);
    }
    if (other.owed !== undefined) stream.hooks.loop.queue(other);
  }
}
