import { describeProblem, type Problem } from "@rxds/core";
import type { Node } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { type Observable, Subject } from "rxjs";
import type { Protocol } from "./fanout/body-cache.js";
import { SendLoop } from "./fanout/send-loop.js";
import { StoreIndex } from "./fanout/store-index.js";
import type { Base } from "./source/base.js";
import type { Feed } from "./source/feed.js";
import { Feeds } from "./source/feeds.js";
import { type ClientStatus, clientStatus, hasReached, holdsResource } from "./status/client-status.js";
import { createEvents } from "./status/emit.js";
import type { XdsEvent } from "./status/events.js";
import { aboutStream, ackedEvent, rejectedEvent, sentEvent, who } from "./status/stream-events.js";
import { createWaiters, type WaitOptions } from "./status/waiters.js";
import type { Channel, ChannelHandler } from "./stream/channel.js";
import { attempt } from "./stream/send.js";
import { type StreamHooks, XdsStream } from "./stream/stream.js";
import { ClientRefusedError, type XdsOptions } from "./xds-options.js";

/** What one can see of a running control plane, and wait for. */
export interface XdsStatus {
  /** Everything that happens, from now on. Hot; built only while somebody listens. */
  readonly events$: Observable<XdsEvent>;
  /** The status of a client whenever it changes, at most once a turn of the event loop. Hot. */
  readonly clients$: Observable<ClientStatus>;
  /** Every open stream. */
  clients(): readonly ClientStatus[];
  /** Whether a configuration is in force for that key. */
  ready(key?: string): boolean;
  /**
   * Resolves when every connected client has accepted all that it wants of a snapshot, given by its version, or of the
   * newest configuration. A snapshot that was not emitted yet is waited for, and so are as many clients as `clients` says; a
   * client counts from its first request on, and for the types that it has asked for by then.
   * @throws NotReachedError after the deadline, telling who is missing.
   */
  converged(version?: string, options?: ConvergedOptions): Promise<void>;
  /**
   * Resolves when a node has accepted the current content of a resource.
   * @throws NotReachedError after the deadline.
   */
  holds(nodeId: string, typeUrl: string, name: string, options?: HoldsOptions): Promise<void>;
}

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

/** The xDS server without a transport: streams of bytes in, streams of bytes out. */
export interface XdsCore extends XdsStatus {
  /** A client opened a stream. `typeUrl`: of a per-type service; undefined: aggregated. */
  open(channel: Channel, protocol: Protocol, typeUrl: string | undefined): ChannelHandler;
  /** Hears of the first configuration in force for the key "", and of the end. */
  readonly ready$: Observable<boolean>;
  /** Starts the source of a key before a client asks for it. */
  warm(key: string): void;
  /** The number of open streams. */
  readonly streams: number;
  close(): void;
}

/** The default of `XdsLimits.names`. */
const MOST_NAMES = 100_000;

export function createXdsCore(options: XdsOptions): XdsCore {
  const { limits = {} } = options;
  const streams = new Set<XdsStream>();
  const events = createEvents(options.logger);
  const waiters = createWaiters();
  const statuses = new Subject<ClientStatus>();
  const ready = new Subject<boolean>();
  const stale = new Set<XdsStream>();
  let count = 0;
  let closed = false;

  const loop = new SendLoop(attempt);

  /** A stream's status is not what it was. */
  const changed = (stream: XdsStream) => {
    waiters.poke();
    if (!statuses.observed) return;
    if (stale.size === 0) {
      setImmediate(() => {
        const batch = [...stale];
        stale.clear();
        for (const one of batch) statuses.next(clientStatus(one));
      });
    }
    stale.add(stream);
  };

  const ended = (keys: readonly string[], what: string, error: unknown) => {
    const cause = error === undefined || error instanceof Error ? error : new Error(String(error));
    const how = cause === undefined ? "completed" : `failed: ${cause.message}`;
    const detail = `${what} ${how}; what it last said stays in force`;
    events.emit(() => ({ kind: "source-ended", keys, error: cause, detail }));
  };

  const feeds: Feeds = new Feeds(options, {
    makeIndex: (store) =>
      new StoreIndex(
        store,
        (set, index) => loop.queueSet(set, index.type.rank),
        () => waiters.poke(),
      ),
    accepted: (base: Base, warnings: readonly Problem[], upserts, removals) => {
      feeds.wake(base);
      ready.next(true);
      waiters.poke();
      const seq = base.store.seq;
      const warned = warnings.length > 0 ? `; ${warnings.map(describeProblem).join("; ")}` : "";
      const detail = `commit ${seq}: ${counted(upserts, "upsert")}, ${counted(removals, "removal")}${warned}`;
      events.emit(() => ({ kind: "committed", keys: feeds.keysOf(base), seq, upserts, removals, warnings, detail }));
    },
    refused: (base, error) => {
      const { problems, message: detail } = error;
      events.emit(() => ({ kind: "refused-snapshot", keys: feeds.keysOf(base), problems, detail }));
    },
    ended: (base, error) => ended(feeds.keysOf(base), "the source", error),
    scopeEnded: (feed, error) => ended([feed.key], "the scope", error),
  });

  const refuse = (stream: XdsStream, error: unknown) => {
    const told = error instanceof ClientRefusedError;
    const why = error instanceof Error ? error.message : String(error);
    const { address } = stream.channel.peer;
    const detail = `${who(stream)}: ${why}`;
    events.emit(() => ({ ...aboutStream(stream), kind: "refused-client", address, detail }));
    // What the user's function threw by accident is not for the client's eyes.
    stream.end(told ? error.code : "UNAVAILABLE", told ? why : "the server could not decide about this client");
  };

  const attach = (stream: XdsStream, key: string) => {
    if (stream.closed || closed) return;
    const feed: Feed = feeds.feed(key);
    feed.streams.add(stream);
    stream.view = feed;
    const { address } = stream.channel.peer;
    const detail = `${who(stream)} (${stream.protocol})`;
    events.emit(() => ({ ...aboutStream(stream), kind: "connected", address, detail }));
    changed(stream);
    if (feed.ready) stream.open();
  };

  const admit = async (stream: XdsStream, node: Node) => {
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = options.scope?.(node, stream.channel.peer) ?? "";
      if (typeof answer === "string") return attach(stream, answer);
      const ms = limits.scopeMs ?? 10_000;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`scope took longer than ${ms} ms`)), ms);
      });
      attach(stream, await Promise.race([answer, late]));
    } catch (error) {
      refuse(stream, error);
    } finally {
      clearTimeout(timer);
    }
  };

  const hooks: StreamHooks = {
    loop,
    mostNames: limits.names ?? MOST_NAMES,
    admit: (stream, node) => void admit(stream, node),
    sent(subscription, nonce, body) {
      events.emit(() => sentEvent(subscription, nonce, body));
      changed(subscription.stream);
    },
    acked(subscription, nonce, version) {
      events.emit(() => ackedEvent(subscription, nonce, version));
      changed(subscription.stream);
    },
    rejected(subscription, rejection, version) {
      events.emit(() => rejectedEvent(subscription, rejection, version));
      changed(subscription.stream);
    },
    violated(stream, _code, details) {
      events.emit(() => ({ ...aboutStream(stream), kind: "violated", detail: `${who(stream)}: ${details}` }));
    },
    closed(stream) {
      streams.delete(stream);
      const feed = stream.view as Feed | undefined;
      feed?.streams.delete(stream);
      if (feed !== undefined && !closed) feeds.released(feed);
      events.emit(() => ({ ...aboutStream(stream), kind: "disconnected", detail: who(stream) }));
      changed(stream);
    },
  };

  /** The commit that a stream has to reach for that snapshot; undefined: the snapshot is not there. */
  const target = (stream: XdsStream, version: string | undefined): number | undefined => {
    const feed = stream.view as Feed | undefined;
    if (feed === undefined || !feed.ready) return undefined;
    return version === undefined ? feed.base.store.seq : feed.base.versions.get(version);
  };
  const reached = (stream: XdsStream, version: string | undefined): boolean => {
    const seq = target(stream, version);
    if (seq === undefined) return false;
    for (const subscription of stream.subscriptions.values()) if (!hasReached(subscription, seq)) return false;
    return true;
  };
  const known = (version: string) => [...feeds.all()].some((feed) => feed.base.versions.has(version));

  return {
    events$: events.events$,
    clients$: statuses.asObservable(),
    ready$: ready.asObservable(),
    get streams() {
      return streams.size;
    },
    clients: () => [...streams].map(clientStatus),
    ready: (key = "") => [...feeds.all()].some((feed) => feed.key === key && feed.ready),
    converged(version, wait = {}) {
      const inForce = () => (version === undefined ? [...feeds.all()].some((feed) => feed.ready) : known(version));
      const enough = () => streams.size >= (wait.clients ?? 0);
      const holds = () => inForce() && enough() && [...streams].every((one) => reached(one, version));
      const state = () => {
        if (!inForce()) return "no such configuration came into force";
        if (!enough()) return `${counted(streams.size, "client")} connected, expected ${wait.clients}`;
        return `waiting for ${[...streams]
          .filter((one) => !reached(one, version))
          .map(whoLags)
          .join(", ")}`;
      };
      return waiters.wait(`every client has ${version ?? "the newest configuration"}`, holds, state, wait);
    },
    holds(nodeId, typeUrl, name, wait = {}) {
      const mine = () => [...streams].filter((stream) => stream.node?.id === nodeId);
      const holds = () =>
        mine().some((stream) => {
          const subscription = stream.subscriptions.get(typeUrl);
          return subscription !== undefined && holdsResource(subscription, name, wait.version);
        });
      const state = () =>
        mine().length === 0 ? `node ${nodeId} is not connected` : JSON.stringify(mine().map(clientStatus));
      return waiters.wait(`node ${nodeId} holds ${name}`, holds, state, wait);
    },
    warm(key) {
      if (!closed) feeds.feed(key);
    },
    open(channel, protocol, typeUrl) {
      const stream = new XdsStream(++count, protocol, typeUrl, channel, hooks);
      streams.add(stream);
      return stream;
    },
    close() {
      if (closed) return;
      closed = true;
      for (const stream of [...streams]) stream.end("UNAVAILABLE", "the server is closing");
      feeds.close();
      loop.close();
      events.complete();
      statuses.complete();
      ready.complete();
    },
  };
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** A client that is behind, with what it rejected last. */
function whoLags(stream: XdsStream): string {
  const rejected = [...stream.subscriptions.values()].find(({ held, quarantine }) => held ?? quarantine)?.rejected;
  return rejected === undefined ? who(stream) : `${who(stream)}, which rejected ${rejected.nonce}: ${rejected.detail}`;
}
