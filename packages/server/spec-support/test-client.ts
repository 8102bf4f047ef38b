import { apply } from "./apply.js";
import { conclude } from "./conclude.js";
import type { ClientSpec, WantChange } from "./history.js";
import {
  type DeltaParts,
  deltaRequest,
  describeResponse,
  type Response,
  readResponse,
  type SotwParts,
  sotwRequest,
} from "./messages.js";
import { changedNames, expected } from "./model.js";
import { isFullState, KIND_URLS, KINDS, type Kind } from "./samples.js";
import type { Said } from "./rejections.js";
import type { Surroundings, Wire } from "./surroundings.js";
import { type Answer, Topic } from "./topic.js";
import { verdictOn } from "./verdict.js";

/** An xDS client as scripted: it keeps what it is sent, by the rules of the protocol, and remembers what it wants. */
export class XdsTestClient {
  readonly topics = new Map<Kind, Topic>(KINDS.map((kind) => [kind, new Topic(kind)]));
  connected = false;
  delayed = false;
  readonly #wires = new Map<Kind | "all", Wire>();

  constructor(
    readonly id: number,
    readonly spec: ClientSpec,
    readonly around: Surroundings,
  ) {}

  get name(): string {
    return `${this.spec.protocol}-${this.id}${this.spec.key && `-${this.spec.key}`}`;
  }

  topic(kind: Kind): Topic {
    return this.topics.get(kind)!;
  }

  /** Begins anew. The first requests, one for each kind, are the caller's to let go. */
  connect(forget: boolean): readonly (() => void)[] {
    if (this.connected) this.leave();
    this.connected = true;
    const first: (() => void)[] = [];
    for (const topic of this.topics.values()) {
      topic.restart();
      // What it uses of a response that it rejected it has no way to tell a new stream of.
      if (this.spec.protocol === "delta")
        for (const name of [...topic.held.keys()]) if (!topic.accepted.has(name)) topic.forget(name);
      // Without a version it can't tell what it has.
      if (forget || (this.spec.protocol === "sotw" && topic.version === "")) topic.lose();
      const nothing = !topic.star && !topic.legacy && topic.names.size === 0;
      if (!topic.interested || (nothing && topic.known)) continue;
      first.push(() => {
        if (this.connected && !topic.begun) this.#begin(topic);
      });
    }
    return first;
  }

  leave(): void {
    for (const wire of this.#wires.values()) wire.end();
    this.lost();
  }

  /** All streams are over. */
  lost(): void {
    this.#wires.clear();
    this.connected = false;
    for (const topic of this.topics.values()) topic.restart();
  }

  /** Changes what the client asks for. */
  want({ kind, add, drop, star }: WantChange): void {
    const topic = this.topic(kind);
    const gone = drop.filter((name) => !add.includes(name));
    const had = gone.filter((name) => topic.names.delete(name));
    for (const name of add) topic.names.add(name);
    topic.interested = true;
    const { protocol } = this.spec;
    // A first name ends the wildcard of old in state of the world; in delta only "-*" does.
    if (protocol === "sotw" && (add.length > 0 || star === "on")) topic.legacy = false;
    const wasAll = topic.wants.wildcard;
    if (star === "on") topic.star = true;
    if (star === "off") {
      topic.star = false;
      if (protocol === "delta") topic.legacy = false;
    }
    if (protocol === "delta") for (const name of had) topic.forget(name);
    if (!this.connected) {
      topic.prune();
      return;
    }
    if (!topic.begun) {
      topic.prune();
      this.#begin(topic);
      return;
    }
    // Names that are dropped are no reason to say anything in the state of the world.
    const less = protocol === "sotw" && had.length > 0 && add.length === 0 && star !== "on";
    if (!less) topic.stir();
    if (!less && protocol === "sotw") topic.owe();
    if (protocol === "sotw") {
      this.#sendSotw(topic, topic.nonce);
      return;
    }
    topic.prune();
    for (const name of [...add, ...had]) topic.rejections.asked(name, true);
    topic.owe(had);
    if (star === "on") {
      topic.rejections.askedAll();
      topic.owe();
    }
    const off = star === "off" && wasAll;
    this.#sendDelta(topic, {
      resourceNamesSubscribe: star === "on" ? [...add, "*"] : [...add],
      resourceNamesUnsubscribe: off ? [...gone, "*"] : gone,
    });
  }

  /** Delta: loses a resource, and asks for it again. */
  askAgain(kind: Kind, name: string): void {
    const topic = this.topic(kind);
    if (this.spec.protocol !== "delta" || !this.connected || !topic.begun || !topic.names.has(name)) return;
    topic.forget(name);
    topic.stir();
    topic.rejections.asked(name, true);
    this.#sendDelta(topic, { resourceNamesSubscribe: [name] });
  }

  /** Says what it has decided. State of the world: with `newestOnly`, older acceptances are left out, as Envoy does. */
  answer(newestOnly: boolean): void {
    for (const topic of this.topics.values()) {
      const answers = topic.answers;
      topic.answers = [];
      answers.forEach((answer, i) => {
        const skipped =
          newestOnly && this.spec.protocol === "sotw" && i < answers.length - 1 && answer.error === undefined;
        if (!skipped) this.#answer(topic, answer);
      });
    }
  }

  /** The first request for a kind on this stream. */
  #begin(topic: Topic): void {
    const { protocol } = this.spec;
    const empty = !topic.star && topic.names.size === 0;
    topic.begun = true;
    topic.known = true;
    if (empty) topic.legacy = isFullState(topic.kind);
    // With its version it would say of everything that it still has what it dropped since.
    if (protocol === "sotw" && topic.shrunk && topic.wants.wildcard) topic.lose();
    topic.written.clear();
    topic.stir();
    if (protocol === "sotw") {
      for (const [name, value] of topic.held) topic.written.set(name, value);
      if (isFullState(topic.kind) && topic.wants.wildcard && topic.version !== "") topic.claims = topic.versionOf;
      this.claimed(topic);
      this.#sendSotw(topic, "");
      return;
    }
    for (const name of topic.accepted.keys()) topic.written.set(name, topic.held.get(name)!);
    const star = topic.star || (topic.legacy && topic.names.size > 0);
    this.#sendDelta(topic, {
      resourceNamesSubscribe: star ? [...topic.names, "*"] : [...topic.names],
      initialResourceVersions: Object.fromEntries(topic.accepted),
    });
  }

  /** State of the world: as soon as there is a configuration, the server sees whether it is what the client claims to hold. */
  claimed(topic: Topic): void {
    const seen = this.around.seen(this);
    if (topic.claims === undefined || seen === undefined) return;
    const due = expected(seen, topic.kind, topic.wants);
    if (changedNames(topic.claims, due).size === 0) topic.acked = due;
    topic.claims = undefined;
  }

  #answer(topic: Topic, answer: Answer): void {
    const { nonce, version, error } = answer;
    const errorDetail = error && { code: 13, message: `rejected: ${error.blamed.join(", ") || "because"}` };
    conclude(this, topic, answer);
    if (this.spec.protocol === "delta")
      this.#sendDelta(topic, { responseNonce: nonce, ...(errorDetail && { errorDetail }) });
    else {
      topic.nonce = nonce;
      this.#sendSotw(topic, nonce, { versionInfo: version, ...(errorDetail && { errorDetail }) });
    }
  }

  #sendSotw(topic: Topic, nonce: string, extra: SotwParts = {}): void {
    const { kind } = topic;
    const wire = this.#wire(kind);
    const resourceNames = topic.star ? [...topic.names, "*"] : [...topic.names];
    if (this.around.exact ? nonce === topic.newest : true) this.#told(topic);
    this.around.trace(
      `${this.name} > ${kind} [${resourceNames.join(" ")}] nonce ${nonce} version ${topic.version} ${describeExtra(extra)}`,
    );
    wire.send(
      sotwRequest({
        ...this.#node(kind),
        typeUrl: KIND_URLS[kind],
        resourceNames,
        versionInfo: topic.version,
        responseNonce: nonce,
        ...extra,
      }),
    );
  }

  #told(topic: Topic): void {
    const { names: before, wildcard } = topic.told;
    topic.tell();
    if (!this.around.exact) return;
    const added = [...topic.names].filter((name) => !before.has(name));
    // Of a name that does not exist the server is silent: what is held of it stays.
    for (const name of added) topic.rejections.asked(name, !topic.held.has(name));
    if (topic.told.wildcard && !wildcard && !isFullState(topic.kind)) topic.rejections.askedAll();
    topic.owe(added);
    if (added.length > 0 || (topic.told.wildcard && !wildcard)) topic.stir();
    topic.prune();
  }

  #sendDelta(topic: Topic, extra: DeltaParts): void {
    const { kind } = topic;
    const told = extra.initialResourceVersions ?? {};
    for (const name of extra.resourceNamesUnsubscribe ?? []) topic.asked.delete(name);
    for (const name of extra.resourceNamesSubscribe ?? []) if (name !== "*" && !(name in told)) topic.asked.add(name);
    topic.tell();
    const wire = this.#wire(kind);
    this.around.trace(`${this.name} > ${kind} ${describeExtra(extra)}`);
    wire.send(deltaRequest({ ...this.#node(kind), typeUrl: KIND_URLS[kind], ...extra }));
  }

  readonly #introduced = new Set<Wire>();

  /** The node, in the first message of each stream. */
  #node(kind: Kind) {
    const wire = this.#wire(kind);
    if (this.#introduced.has(wire)) return {};
    this.#introduced.add(wire);
    return { node: { id: this.name, cluster: this.spec.key } };
  }

  #wire(kind: Kind): Wire {
    const key = this.spec.aggregated ? "all" : kind;
    const open = this.#wires.get(key);
    if (open !== undefined) return open;
    const wire: Wire = this.around.open(this, this.spec.aggregated ? undefined : kind, {
      written: (bytes) => this.#heard(bytes, (topic, response) => this.#written(topic, response)),
      received: (bytes) => this.#heard(bytes, (topic, response) => this.#received(topic, response)),
      ended: (code, details) => {
        this.around.trace(`${this.name} < ended: ${code} ${details}`);
        if (code !== "UNAVAILABLE") this.around.fail(`the stream of ${this.name} ended with ${code} ${details}`);
        this.lost();
      },
    });
    this.#wires.set(key, wire);
    return wire;
  }

  #heard(bytes: Buffer, then: (topic: Topic, response: Response) => void): void {
    try {
      const response = readResponse(this.spec.protocol, bytes);
      then(this.topic(response.kind), response);
    } catch (error) {
      this.around.fail(`${this.name}: ${error instanceof Error ? error.stack : error}`);
    }
  }

  #written(topic: Topic, response: Response): void {
    this.around.trace(`${this.name} (written) ${describeResponse(response)}`);
    this.around.check(this, topic, response);
    const said = this.#saidBy(topic, response);
    topic.rejections.served(said);
    topic.stirredAtWrite = topic.stirred;
    if (this.spec.protocol === "sotw" && isFullState(topic.kind)) topic.written.clear();
    for (const [name, value] of said.values) topic.written.set(name, value);
    for (const name of said.removed) topic.written.delete(name);
  }

  /** Notes what a response has said, before anybody answers it. */
  #saidBy(topic: Topic, { nonce, resources, removed }: Response): Said {
    const values = new Map(resources.map(({ name, value }) => [name, value]));
    const said = { values, removed, at: this.around.changes };
    topic.newest = nonce;
    topic.said.set(nonce, said);
    for (const name of [...values.keys(), ...removed]) {
      topic.asked.delete(name);
      topic.owed.delete(name);
    }
    return said;
  }

  #received(topic: Topic, response: Response): void {
    const verdict = verdictOn(topic, response);
    topic.reject = undefined;
    this.around.trace(
      `${this.name} < ${describeResponse(response)}${verdict ? ` REJECTED, blaming [${verdict.blamed.join(" ")}]` : ""}`,
    );
    const { nonce } = response;
    const said = topic.said.get(nonce) ?? this.#saidBy(topic, response);
    topic.said.delete(nonce);
    if (verdict === undefined || verdict.partly) {
      for (const name of apply(this, topic, response, verdict)) this.#cool(name);
    }
    topic.answers.push({ nonce, version: topic.version, said, error: verdict });
    if (!this.delayed) this.answer(false);
  }

  /** A cluster that changed waits for its endpoints anew. State of the world: Envoy then repeats its request. */
  #cool(name: string): void {
    const endpoints = this.topic("endpoints");
    // A client that has not asked for endpoints yet will say which it holds; it accepts no cluster before that.
    const soon = this.spec.protocol === "delta" && this.delayed && endpoints.held.has(name);
    if (!this.spec.aggregated || !(endpoints.begun || soon) || !endpoints.names.has(name)) return;
    endpoints.cold.add(name);
    if (this.spec.protocol === "delta" || endpoints.answers.length > 0) return;
    endpoints.stir();
    endpoints.owe();
    this.#sendSotw(endpoints, endpoints.nonce);
  }
}

function describeExtra(extra: object): string {
  return Object.entries(extra)
    .filter(([, value]) => typeof value === "string" || (typeof value === "object" && Object.keys(value).length > 0))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join(" ");
}
