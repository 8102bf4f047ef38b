import { typeUrls } from "@rxds/core";
import type { Feed } from "../source/feed.js";
import type { Feeds } from "../source/feeds.js";
import type { XdsStream } from "../stream/stream.js";
import { clientStatus, hasReached, holdsResource } from "./client-status.js";
import { counted } from "./counted.js";
import { who } from "./stream-events.js";
import type { Waiters, WaitOptions } from "./waiters.js";

/** What `converged` waits for, and how long. */
export interface ConvergedOptions extends WaitOptions {
  /** At least so many clients must be connected. Default: 0. */
  readonly clients?: number;
}

/** What `holds` waits for, and how long. */
export interface HoldsOptions extends WaitOptions {
  /** The resource's version. Default: whatever is current. */
  readonly version?: string;
}

/** Facts about clients that one can wait for. */
export interface Facts {
  /**
   * Resolves when every connected client has accepted all that it wants of a snapshot, given by its version, or of the
   * newest configuration. A snapshot that was not emitted yet is waited for, and so are as many clients as `clients` says; a
   * client counts from its first request on, and for the types that it has asked for by then. With a snapshot of resources that a
   * view has of its own, only the clients of the views that have emitted it count.
   * @throws NotReachedError after the deadline, telling who is missing.
   */
  converged(version?: string, options?: ConvergedOptions): Promise<void>;
  /**
   * Resolves when a node has accepted the current content of a resource.
   * @throws NotReachedError after the deadline.
   */
  holds(nodeId: string, typeUrl: string, name: string, options?: HoldsOptions): Promise<void>;
  /**
   * Resolves when a node has accepted a listener and all that it needs to serve: its routes, secrets and extension
   * configurations. That alone means that it serves: a client accepts a listener before it has its routes.
   * @throws NotReachedError after the deadline.
   */
  listenerReady(nodeId: string, name: string, options?: WaitOptions): Promise<void>;
}

export function createFacts(streams: ReadonlySet<XdsStream>, feeds: Feeds, waiters: Waiters): Facts {
  /** Whether that is a snapshot of a view's own resources: it concerns the clients of that view alone. */
  const isOwn = (version: string): boolean => [...feeds.all()].some(({ own }) => own?.part.versions.has(version));
  const reached = (stream: XdsStream, version: string | undefined, own: boolean): boolean => {
    const feed = stream.view as Feed | undefined;
    if (feed === undefined) return false;
    if (version !== undefined && !feed.knows(version)) return own;
    if (!feed.ready) return false;
    for (const [typeUrl, subscription] of stream.subscriptions) {
      const { store, versions } = feed.partOf(typeUrl);
      const seq = version === undefined ? store.seq : versions.get(version);
      // Undefined: it was a snapshot of other types.
      if (seq !== undefined && !hasReached(subscription, seq)) return false;
    }
    return true;
  };

  return {
    converged(version, wait = {}) {
      const all = () => [...feeds.all()];
      const inForce = () => all().some((feed) => (version === undefined ? feed.ready : feed.knows(version)));
      const enough = () => streams.size >= (wait.clients ?? 0);
      const behind = () => {
        const own = version !== undefined && isOwn(version);
        return [...streams].filter((stream) => !reached(stream, version, own));
      };
      const state = () => {
        if (!inForce()) return "no such configuration came into force";
        if (!enough()) return `${counted(streams.size, "client")} connected, expected ${wait.clients}`;
        return `waiting for ${behind().map(whoLags).join(", ")}`;
      };
      const holds = () => inForce() && enough() && behind().length === 0;
      return waiters.wait({ what: `every client has ${version ?? "the newest configuration"}`, holds, state }, wait);
    },
    holds(nodeId, typeUrl, name, wait = {}) {
      const holds = (mine: readonly XdsStream[]) =>
        mine.some((stream) => {
          const subscription = stream.subscriptions.get(typeUrl);
          return subscription !== undefined && holdsResource(subscription, name, wait.version);
        });
      return waiters.wait({ what: `node ${nodeId} holds ${name}`, nodeId, holds, state: stateOf(nodeId) }, wait);
    },
    listenerReady(nodeId, name, wait = {}) {
      const holds = (mine: readonly XdsStream[]) => mine.some((stream) => servesListener(stream, name));
      const what = `listener ${name} of node ${nodeId} is ready`;
      return waiters.wait({ what, nodeId, holds, state: stateOf(nodeId) }, wait);
    },
  };
}

/** How the clients of a node stand. */
const stateOf = (nodeId: string) => (mine: readonly XdsStream[]) =>
  mine.length === 0 ? `node ${nodeId} is not connected` : JSON.stringify(mine.map(clientStatus));

/** Whether a client has accepted a listener and all that it needs. */
function servesListener(stream: XdsStream, name: string): boolean {
  const listeners = stream.subscriptions.get(typeUrls.listener);
  if (listeners === undefined || !holdsResource(listeners, name, undefined)) return false;
  const id = listeners.index.table.idOf(name);
  const needs = id === undefined ? [] : (listeners.set.resource(id)?.references ?? []);
  return needs.every(({ type, name: needed }) => {
    if (type === typeUrls.cluster) return true;
    const subscription = stream.subscriptions.get(type);
    return subscription !== undefined && holdsResource(subscription, needed, undefined);
  });
}

/** A client that is behind, with what it rejected last. */
function whoLags(stream: XdsStream): string {
  const rejected = [...stream.subscriptions.values()].find(({ trial, quarantine }) => trial ?? quarantine)?.rejected;
  return rejected === undefined ? who(stream) : `${who(stream)}, which rejected ${rejected.nonce}: ${rejected.detail}`;
}
