import type { DescMessage } from "@bufbuild/protobuf";
import type { ExpiryTimer } from "./expiry-timer.js";
import type { DeltaRequest } from "./protocol/messages.js";
import { nextRequest } from "./protocol/next-request.js";
import type { Change } from "./protocol/receive.js";
import type { SubStream } from "./protocol/sub-stream.js";
import { unwant, want } from "./protocol/want.js";

/** One type: its sub-stream, shared by all subscriptions of the type. */
export interface Hub {
  readonly sub: SubStream;
  /** How many subscriptions want each name. */
  readonly counts: Map<string, number>;
  readonly members: Set<Member>;
  readonly expiry: ExpiryTimer;
  /** The type's schema, once a subscription gave it: responses are then checked by decoding. */
  schema: DescMessage | undefined;
}

/** One subscription, as its hub sees it. */
export interface Member {
  /** Something changed. What came by a response carries its nonce. Returns what its answer has to wait for, if anything. */
  deliver(change: Change, nonce?: string): Promise<void> | undefined;
  /** The client is closed. */
  end(): void;
}

/** Counts names up, and subscribes to those that nobody wanted before. */
export function retain(hub: Hub, names: Iterable<string>): void {
  const fresh: string[] = [];
  for (const name of names) {
    const count = hub.counts.get(name) ?? 0;
    hub.counts.set(name, count + 1);
    if (count === 0) fresh.push(name);
  }
  want(hub.sub, fresh);
}

/** Counts names down, and unsubscribes from those that nobody wants any more. */
export function release(hub: Hub, names: Iterable<string>): void {
  const unused: string[] = [];
  for (const name of names) {
    const count = (hub.counts.get(name) ?? 0) - 1;
    if (count > 0) {
      hub.counts.set(name, count);
    } else {
      hub.counts.delete(name);
      unused.push(name);
    }
  }
  unwant(hub.sub, unused);
}

/**
 * Takes the next request of any type. The type that it is taken from goes to the back of the queue: one with many
 * answers must not hold up the others.
 */
export function takeRequest(hubs: Map<string, Hub>): DeltaRequest | undefined {
  for (const [typeUrl, hub] of hubs) {
    const request = nextRequest(hub.sub);
    if (request === undefined) continue;
    hubs.delete(typeUrl);
    hubs.set(typeUrl, hub);
    return request;
  }
  return undefined;
}

/** Tells every subscription, also when one of them changes subscriptions meanwhile. Returns what the answer has to wait for. */
export function broadcast(hub: Hub, change: Change, nonce?: string): readonly Promise<void>[] {
  const told = [...hub.members].map((member) => (hub.members.has(member) ? member.deliver(change, nonce) : undefined));
  return told.filter((confirmation) => confirmation !== undefined);
}
