import type { Rejection } from "./history.js";
import type { Wants } from "./model.js";
import { Rejections, type Said } from "./rejections.js";
import { KIND_URLS, type Kind } from "./samples.js";

/** What a client has decided about a response, and did not say yet. */
export interface Answer {
  readonly nonce: string;
  /** State of the world: the version that the client holds then. */
  readonly version: string;
  readonly said: Said;
  /** A rejection, with the names in its words. */
  readonly error: { readonly blamed: readonly string[] } | undefined;
}

/** A client's side of one kind of resource. */
export class Topic {
  /** Asked for one by one. */
  names = new Set<string>();
  /** Asked for everything, with `*` or, in delta, with an empty first request. */
  star = false;
  /** Asked for everything by asking for nothing. State of the world: until the first name. */
  legacy = false;
  /** The client has some interest in the kind, be it in nothing for now. */
  interested = false;
  /** There was a request on the present stream. */
  begun = false;
  /** There ever was one. */
  known = false;
  /** Name and value of what the client uses. */
  readonly held = new Map<string, number>();
  /** Delta: name and version of what it accepted. */
  readonly accepted = new Map<string, string>();
  /** State of the world: the version that it accepted, and what was in that response. */
  version = "";
  versionOf: ReadonlyMap<string, number> = new Map();
  /** State of the world: it has dropped something that was part of that version. */
  shrunk = false;
  /** State of the world: the nonce of what it answered last. */
  nonce = "";
  answers: Answer[] = [];
  /** The nonces of all responses that came on this stream. */
  nonces: string[] = [];
  /** What becomes of the next response. */
  reject: Rejection | undefined;
  /** By `name=value`: content that the client can't stand, and rejects whenever it comes. */
  readonly poison = new Map<string, Rejection>();
  /** What the server was told, and can't have overlooked. */
  told: Wants = { names: new Set(), wildcard: false };
  /** Delta: names that were asked for and that nothing was said of since. */
  readonly asked = new Set<string>();
  /** Delta: something was asked for while the rest of a large response was to come: that may hold it, and come first. Until the next rest. */
  repeats = false;
  /** Names that the server may have a reason to send, whatever it has sent, and of which it said nothing since. */
  readonly owed = new Set<string>();
  /** The nonce of the newest response that the server has written, or, where nobody sees that, that came. */
  newest = "";
  /** What the server has written, by nonce, and heard no answer to. */
  readonly flights = new Map<string, Said>();
  /** What the responses that were not answered yet have said, by nonce. */
  readonly said = new Map<string, Said>();
  /** State of the world, a full state: what the server knows that the client holds. */
  acked: ReadonlyMap<string, number> = new Map();
  /** State of the world, a full state: what the client has rejected since, and may use all the same. */
  readonly doubtful = new Set<string>();
  /** Delta: names of which the server can't be sure, as the client rejected them, or did not answer when its stream ended. */
  readonly open = new Set<string>();
  /** State of the world, a full state: what the client claims to hold until there is a configuration to compare it with. */
  claims: ReadonlyMap<string, number> | undefined;
  /** Endpoints: the clusters that changed and wait for theirs. */
  readonly cold = new Set<string>();
  readonly rejections = new Rejections();
  /** When each name last changed in what the client is shown. */
  readonly changes = new Map<string, number>();
  /** Counts what may be a reason for the server to say something. */
  stirred = 0;
  /** `stirred` at the last write. */
  stirredAtWrite = 0;
  /** So many responses may follow a rejection, as nothing has stirred since; undefined: there may be news. */
  allowance: number | undefined;
  /** What the server has written of the kind, as if it had all arrived. */
  readonly written = new Map<string, number>();
  /** How much had changed when it wrote that. */
  readonly writtenAt = new Map<string, number>();
  /** Asked for everything, and has to hear something, if only that there is nothing. */
  waits = false;
  /** State of the world: repeated requests that have to be answered. */
  rewatches = 0;

  constructor(readonly kind: Kind) {}

  get url(): string {
    return KIND_URLS[this.kind];
  }

  get wants(): Wants {
    return { names: this.names, wildcard: this.star || this.legacy };
  }

  wanted(name: string): boolean {
    return this.star || this.legacy || this.names.has(name);
  }

  forget(name: string): void {
    this.held.delete(name);
    this.accepted.delete(name);
    this.cold.delete(name);
  }

  /** Forgets everything. */
  lose(): void {
    for (const name of [...this.held.keys()]) this.forget(name);
    this.version = "";
    this.shrunk = false;
  }

  /** Forgets what is not asked for any more. */
  prune(): void {
    for (const name of [...this.held.keys()]) {
      if (this.wanted(name)) continue;
      this.forget(name);
      this.shrunk = true;
    }
  }

  /** The server hears what the client asks for. */
  tell(): void {
    const before = this.told;
    this.told = { names: new Set(this.names), wildcard: this.wants.wildcard };
    const { wildcard } = this.told;
    if (!wildcard && (before.wildcard || [...before.names].some((name) => !this.names.has(name))))
      this.rejections.narrowed((name) => this.names.has(name));
    for (const name of [...this.written.keys()]) if (!this.wanted(name)) this.written.delete(name);
    for (const name of this.asked) if (!this.wanted(name)) this.asked.delete(name);
    this.acked = new Map([...this.acked].filter(([name]) => this.wanted(name)));
  }

  /** There may be a reason to send all that was written, or some names, again. */
  owe(names: Iterable<string> = this.written.keys()): void {
    for (const name of names) this.owed.add(name);
  }

  /** Whether there is no reason to write that: it was written, and has not changed since. */
  isIdle(name: string, value: number): boolean {
    const since = this.writtenAt.get(name);
    if (since === undefined || this.written.get(name) !== value || (this.changes.get(name) ?? 0) > since) return false;
    return !this.repeats && !this.owed.has(name) && !this.asked.has(name);
  }

  /** Notes what was written. */
  write(name: string, value: number, at: number): void {
    this.written.set(name, value);
    this.writtenAt.set(name, at);
  }

  /** Something happened that may be a reason for the server to say something. */
  stir(): void {
    this.stirred++;
    this.allowance = undefined;
  }

  /** A new stream: the server knows nothing of the old one. */
  restart(): void {
    this.begun = false;
    this.answers = [];
    this.nonces = [];
    this.waits = false;
    this.repeats = false;
    this.rewatches = 0;
    this.writtenAt.clear();
    this.nonce = "";
    this.newest = "";
    this.allowance = undefined;
    this.cold.clear();
    this.asked.clear();
    this.owed.clear();
    this.said.clear();
    for (const { values, removed } of this.flights.values())
      for (const name of [...values.keys(), ...removed]) this.open.add(name);
    this.flights.clear();
    this.acked = new Map();
    this.doubtful.clear();
    this.claims = undefined;
    this.rejections.askedAll();
    this.told = { names: new Set(), wildcard: false };
  }
}
