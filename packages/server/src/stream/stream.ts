import type { Node } from "@rxds/envoy-api/envoy/config/core/v3/base";
import type { Protocol, SharedBody } from "../fanout/body-cache.js";
import type { ScopeMembers } from "../fanout/members.js";
import type { SendLoop } from "../fanout/send-loop.js";
import type { ViewIndex } from "../fanout/view-index.js";
import type { HitlessRules } from "../hitless/options.js";
import { Planner } from "../hitless/planner.js";
import type { Flow } from "../limits/flow.js";
import { parseNode, takesTtl } from "../wire/node.js";
import { WireError } from "../wire/reader.js";
import { type DeltaRequest, parseDeltaRequest, parseSotwRequest, type SotwRequest } from "../wire/request.js";
import type { Channel, ChannelHandler, StatusCode } from "./channel.js";
import type { Claims } from "./claims.js";
import { handleDelta } from "./delta.js";
import type { Marks } from "./marks.js";
import type { Quarantined, Rejection } from "./rejection.js";
import { handleSotw } from "./sotw.js";
import type { Subscription } from "./subscription.js";

/** What a stream is shown. */
export interface View {
  /** The key that its client was given. */
  readonly key: string;
  readonly index: ViewIndex;
  /** What it shows of a type; undefined: everything. */
  members(typeUrl: string): ScopeMembers | undefined;
  /** Whether there is something to show: before that the server is silent. */
  readonly ready: boolean;
}

/** What a stream tells the server, and asks of it. */
export interface StreamHooks {
  readonly loop: SendLoop;
  /** Who may send, and what is under way. */
  readonly flow: Flow;
  /** What is not known of delta clients that are gone. */
  readonly marks: Marks;
  /** How changes are kept from losing requests; undefined: they are pushed in plain order. */
  readonly hitless: HitlessRules | undefined;
  /** The most names of one type, in a request and in all. */
  readonly mostNames: number;
  /** The most bytes of a delta response, as long as it holds more than one resource. */
  readonly mostResponseBytes: number;
  /** State of the world: whether clients are told of names that do not exist (rule 65). */
  readonly tellsUnknown: boolean;
  /** Whether virtual hosts go again when their route configuration has changed. */
  readonly resendsHosts: boolean;
  /** The first request came: calls back with the view, now or later, or ends the stream. */
  admit(stream: XdsStream, node: Node): void;
  sent(subscription: Subscription, nonce: string, body: SharedBody): void;
  acked(subscription: Subscription, nonce: string, version: string): void;
  rejected(subscription: Subscription, rejection: Rejection, version: string): void;
  /** A resource waits for clusters. */
  held(subscription: Subscription, id: number, overdue: boolean): void;
  quarantined(subscription: Subscription, id: number, quarantined: Quarantined): void;
  /** The client broke the protocol; the stream is ended with that status. */
  violated(stream: XdsStream, details: string): void;
  closed(stream: XdsStream): void;
}

/** Requests that wait while the server makes up its mind; the transport holds back the rest. */
const MOST_WAITING = 16;

/** Type URLs that one stream may ask for. */
const MOST_TYPES = 64;

/** One open stream, of either protocol, aggregated or of one type. */
export class XdsStream implements ChannelHandler {
  readonly subscriptions = new Map<string, Subscription>();
  /** Subscriptions that wait for the transport, or for another type. */
  readonly parked = new Set<Subscription>();
  /** Bytes handed to the transport and not passed on yet. */
  unsent = 0;
  closed = false;
  node: Node | undefined;
  /** What others have to wait for; undefined: changes are pushed in plain order. */
  readonly planner: Planner | undefined;
  /** Whether the client understands a time to live (rules 55, 57). */
  takesTtl = false;
  view: View | undefined;
  /** Delta: clusters that the client says it holds, until it says for which it asks endpoints. */
  claims: Claims | undefined;
  readonly since = Date.now();
  #nonces = 0;
  #waiting: Buffer[] = [];

  constructor(
    readonly id: number,
    readonly protocol: Protocol,
    /** The only type of a per-type stream; undefined: aggregated. */
    readonly typeUrl: string | undefined,
    readonly channel: Channel,
    readonly hooks: StreamHooks,
  ) {
    // Streams of one type can't wait for others.
    if (typeUrl === undefined && hooks.hitless !== undefined) this.planner = new Planner(hooks.hitless);
  }

  message(bytes: Buffer): void {
    if (this.closed) return;
    if (this.view?.ready && this.#waiting.length === 0) this.#handle(bytes);
    else this.#wait(bytes);
  }

  /** The view is there and ready: whatever waits is handled. */
  open(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const bytes of waiting) if (!this.closed) this.#handle(bytes);
    if (!this.closed) this.channel.resume();
  }

  /** The newest commit. */
  seq(): number {
    return this.view!.index.seq;
  }

  nextNonce(): string {
    return (++this.#nonces).toString(36);
  }

  /** How many responses there were. */
  get responses(): number {
    return this.#nonces;
  }

  /** Something that parked subscriptions may have waited for has happened. */
  unpark(): void {
    if (this.parked.size === 0 || this.closed) return;
    for (const subscription of this.parked) this.hooks.loop.queue(subscription);
    this.parked.clear();
  }

  /** Ends the stream with a status. `abrupt`: without waiting for the client to read what it was sent. */
  end(code: StatusCode, details: string, abrupt = false): void {
    if (this.closed) return;
    this.channel.end(code, details, abrupt);
    this.over();
  }

  /** Called by the transport. */
  over(): void {
    if (this.closed) return;
    this.closed = true;
    this.#waiting = [];
    this.parked.clear();
    this.hooks.marks.ended(this);
    for (const subscription of this.subscriptions.values()) {
      subscription.close();
      this.view?.index.released(subscription.index);
    }
    this.subscriptions.clear();
    this.planner?.close();
    this.hooks.closed(this);
  }

  #wait(bytes: Buffer): void {
    this.#waiting.push(Buffer.from(bytes));
    if (this.#waiting.length >= MOST_WAITING || this.#waiting.length === 1) this.channel.pause();
    if (this.node !== undefined) return;
    this.#guard(() => {
      const request = this.#parse(bytes);
      if (request.node === undefined) {
        throw new WireError("the first request of a stream must carry the node (xDS protocol, DiscoveryRequest.node)");
      }
      this.node = parseNode(request.node);
      this.takesTtl = takesTtl(this.node);
      this.hooks.admit(this, this.node);
    });
  }

  #handle(bytes: Buffer): void {
    this.#guard(() => {
      const request = this.#parse(bytes);
      const typeUrl = request.typeUrl || this.typeUrl;
      if (typeUrl === undefined) throw new WireError("a request on an aggregated stream must carry a type_url");
      if (this.typeUrl !== undefined && typeUrl !== this.typeUrl) {
        throw new WireError(`this service serves ${this.typeUrl}, not ${typeUrl}`);
      }
      if (!this.subscriptions.has(typeUrl) && this.subscriptions.size >= MOST_TYPES) {
        throw new WireError(`more than ${MOST_TYPES} types on one stream`);
      }
      if ("resourceNames" in request) handleSotw(this, typeUrl, request);
      else handleDelta(this, typeUrl, request);
    });
  }

  #parse(bytes: Buffer): SotwRequest | DeltaRequest {
    const limits = { names: this.hooks.mostNames };
    return this.protocol === "sotw" ? parseSotwRequest(bytes, limits) : parseDeltaRequest(bytes, limits);
  }

  /** Bad input ends this stream, and nothing else. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      const bad = error instanceof WireError;
      const code = bad ? "INVALID_ARGUMENT" : "INTERNAL";
      const details = bad ? error.message : "the server failed to handle the request";
      this.hooks.violated(this, bad ? details : `${details}: ${error instanceof Error ? error.stack : error}`);
      this.end(code, details);
    }
  }
}
