import { type Observable, Subject } from "rxjs";
import type { Protocol } from "./fanout/body-cache.js";
import { SendLoop } from "./fanout/send-loop.js";
import { StoreIndex } from "./fanout/store-index.js";
import { hitlessRules } from "./hitless/options.js";
import { Flow } from "./limits/flow.js";
import { Guards, type Limited } from "./limits/guards.js";
import { limitsOf } from "./limits/limits.js";
import { admit, type Verdict } from "./source/admission.js";
import type { Base } from "./source/base.js";
import type { Feed } from "./source/feed.js";
import { Feeds } from "./source/feeds.js";
import { createHolds, type Holds } from "./source/holds.js";
import { checkSourceOptions } from "./source/source-options.js";
import { createChangedClients } from "./status/changed-clients.js";
import { type ClientStatus, clientStatus } from "./status/client-status.js";
import { createEvents } from "./status/emit.js";
import type { XdsEvent } from "./status/events.js";
import { createFacts, type Facts } from "./status/facts.js";
import { committedEvent, endedEvent, heldEvent, refusedEvent } from "./status/source-events.js";
import {
  aboutStream,
  ackedEvent,
  heldBackEvent,
  limitedEvent,
  quarantinedEvent,
  rejectedEvent,
  sentEvent,
  who,
} from "./status/stream-events.js";
import { createWaiters } from "./status/waiters.js";
import type { Channel, ChannelHandler } from "./stream/channel.js";
import { Marks } from "./stream/marks.js";
import { attempt } from "./stream/send.js";
import { type StreamHooks, XdsStream } from "./stream/stream.js";
import { ClientRefusedError, type XdsOptions } from "./xds-options.js";

/** What one can see of a running control plane, and wait for. */
export interface XdsStatus extends Facts, Holds {
  /** Everything that happens, from now on. Hot; built only while somebody listens. */
  readonly events$: Observable<XdsEvent>;
  /** The status of a client whenever it changes, at most once a turn of the event loop. Hot. */
  readonly clients$: Observable<ClientStatus>;
  /** Every open stream. */
  clients(): readonly ClientStatus[];
  /** Whether a configuration is in force for that key. Default: `""`. */
  ready(key?: string): boolean;
}

/** The xDS server without a transport: streams of bytes in, streams of bytes out. */
export interface XdsCore extends XdsStatus {
  /** A client opened a stream. `typeUrl`: of a per-type service; undefined: aggregated. */
  open(channel: Channel, protocol: Protocol, typeUrl: string | undefined): ChannelHandler;
  /** Hears of the first configuration that comes into force, of whatever key. */
  readonly ready$: Observable<void>;
  /** Every open stream, admitted or not. */
  readonly streams: ReadonlySet<XdsStream>;
  /** Starts the source of a key before a client asks for it, and keeps it when its clients are gone. One key only. */
  warm(key: string): void;
  close(): void;
}

export function createXdsCore(options: XdsOptions): XdsCore {
  const limits = limitsOf(options.limits);
  checkSourceOptions(options);
  const streams = new Set<XdsStream>();
  const events = createEvents(options.logger);
  const waiters = createWaiters(streams);
  const statuses = createChangedClients();
  const ready = new Subject<void>();
  const loop = new SendLoop((subscription) => {
    const bytes = attempt(subscription);
    // News of which nothing needs to be said brings a client forward as an ACK does.
    if (bytes === 0) waiters.poke(subscription.stream);
    return bytes;
  });
  const limited: Limited = (stream, limit, why) => events.emit(() => limitedEvent(stream, limit, why));
  const guards = new Guards(limits, limited);
  const flow = new Flow(limits, {
    wake: (subscription) => loop.queue(subscription),
    stalled(stream, ms) {
      const why = `no response was read for ${ms} ms; ${stream.unsent} bytes wait`;
      limited(stream, "stalledMs", why);
      stream.end("RESOURCE_EXHAUSTED", why, true);
    },
  });
  let count = 0;
  let closed = false;

  const feeds: Feeds = new Feeds(options, {
    makeIndex: (store) => {
      const touched: StoreIndex["touched"] = (set, index) => loop.queueSet(set, index.type.rank);
      return new StoreIndex(store, touched, () => waiters.poke());
    },
    begun(base) {
      for (const view of base.views) view.wake();
      ready.next();
    },
    accepted(base: Base, { seq, upserts, removals }, warnings) {
      waiters.poke();
      const counts = { seq, upserts: upserts.length, removals: removals.length };
      events.emit(() => committedEvent(base.keys, counts, warnings));
    },
    refused: (base, error) => events.emit(() => refusedEvent(base.keys, error)),
    held: (base, held) => events.emit(() => heldEvent(base.keys, held)),
    ended: (base, reason) => events.emit(() => endedEvent(base.keys, "the source", reason)),
    ownEnded: (own, reason) =>
      events.emit(() => endedEvent(own.keys, "the source of the view's own resources", reason)),
    scopeEnded: (feed, reason) => events.emit(() => endedEvent([feed.key], "the scope", reason)),
  });

  const changed = (stream: XdsStream) => {
    waiters.poke(stream);
    statuses.changed(stream);
  };

  const verdict: Verdict = {
    admitted(stream, key) {
      if (stream.closed || closed) return;
      const feed = feeds.feed(key);
      feed.streams.add(stream);
      stream.view = feed;
      hooks.marks.began(stream);
      const { address } = stream.channel.peer;
      const detail = () => `${who(stream)} (${stream.protocol})`;
      events.emit(() => ({ ...aboutStream(stream), kind: "connected", address, detail: detail() }));
      changed(stream);
      if (feed.ready) stream.open();
    },
    refused(stream, error) {
      const told = error instanceof ClientRefusedError;
      const why = error instanceof Error ? error.message : String(error);
      const { address } = stream.channel.peer;
      const detail = `${who(stream)}: ${why}`;
      events.emit(() => ({ ...aboutStream(stream), kind: "refused-client", address, detail }));
      // What the user's function threw by accident is not for the client's eyes.
      stream.end(told ? error.code : "UNAVAILABLE", told ? why : "the server could not decide about this client");
    },
  };

  const hooks: StreamHooks = {
    loop,
    flow,
    marks: new Marks(),
    hitless: hitlessRules(options.hitless),
    mostNames: limits.names,
    mostResponseBytes: limits.responseBytes,
    tellsUnknown: options.resourceErrors ?? false,
    resendsHosts: options.resendVirtualHosts ?? true,
    admit(stream, node) {
      guards.began(stream);
      void admit(stream, node, options, verdict);
    },
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
    held(subscription, id, overdue) {
      events.emit(() => heldBackEvent(subscription, id, overdue));
      changed(subscription.stream);
    },
    quarantined(subscription, id, quarantined) {
      events.emit(() => quarantinedEvent(subscription, id, quarantined));
    },
    violated(stream, details) {
      events.emit(() => ({ ...aboutStream(stream), kind: "violated", detail: `${who(stream)}: ${details}` }));
    },
    closed(stream) {
      streams.delete(stream);
      guards.closed(stream);
      flow.closed(stream);
      const feed = stream.view as Feed | undefined;
      feed?.streams.delete(stream);
      if (feed !== undefined && !closed) feeds.released(feed);
      events.emit(() => ({ ...aboutStream(stream), kind: "disconnected", detail: who(stream) }));
      changed(stream);
    },
  };

  return {
    ...createFacts(streams, feeds, waiters),
    ...createHolds(feeds, streams),
    events$: events.events$,
    clients$: statuses.clients$,
    ready$: ready.asObservable(),
    streams,
    clients: () => [...streams].map(clientStatus),
    ready: (key = "") => [...feeds.all()].some((feed) => feed.key === key && feed.ready),
    warm(key) {
      if (!closed) feeds.keep(key);
    },
    open(channel, protocol, typeUrl) {
      const stream = new XdsStream(++count, protocol, typeUrl, channel, hooks);
      streams.add(stream);
      guards.opened(stream);
      return stream;
    },
    close() {
      if (closed) return;
      closed = true;
      for (const stream of [...streams]) stream.end("UNAVAILABLE", "the server is closing");
      feeds.close();
      loop.close();
      guards.close();
      flow.close();
      events.complete();
      statuses.complete();
      ready.complete();
    },
  };
}
