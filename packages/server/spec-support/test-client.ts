import { apply } from "./apply.js";
import { conclude } from "./conclude.js";
import type { ClientSpec, WantChange } from "./history.js";
import { deltaRequest, describeResponse, type Response, readEmpty, sotwRequest } from "./messages.js";
import { changedNames, expected } from "./model.js";
import type { Said } from "./rejections.js";
import { isFullState, KINDS, type Kind, UNKNOWN_URL } from "./samples.js";
import { sayDelta, saySotw } from "./say.js";
import type { Surroundings } from "./surroundings.js";
import { type Answer, Topic } from "./topic.js";
import { verdictOn } from "./verdict.js";
import { Wires } from "./wires.js";

/** An xDS client as scripted: it keeps what it is sent, by the rules of the protocol, and remembers what it wants. */
export class XdsTestClient {
  readonly topics = new Map<Kind, Topic>(KINDS.map((kind) => [kind, new Topic(kind)]));
  connected = false;
  delayed = false;
  /** Reads nothing. */
  stalled = false;
  /** Resets its streams when the server writes the next time. */
  fragile = false;
  readonly wires: Wires;

  constructor(
    readonly id: number,
    readonly spec: ClientSpec,
    readonly around: Surroundings,
  ) {
    this.wires = new Wires(this, spec, around, {
      written: (response) => this.#written(this.topic(response.kind), response),
      received: (response) => this.#received(this.topic(response.kind), response),
      unknown: (bytes) => this.#acceptUnknown(bytes),
      lost: () => this.leave(),
    });
  }

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

  /** Ends all streams. */
  leave(how: "reset" | "half-close" = "reset"): void {
    this.wires.end(how);
    this.fragile = false;
    this.connected = false;
    for (const topic of this.topics.values()) topic.restart();
  }

  /** Changes what the client asks for. */
  want({ kind, add, drop, star, style }: WantChange): void {
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
    const narrows = protocol === "sotw" && had.length > 0 && add.length === 0 && star !== "on";
    if (!narrows) topic.stir();
    if (!narrows && protocol === "sotw") topic.owe();
    if (protocol === "sotw") {
      const names = [...topic.names, ...(topic.star ? ["*"] : [])];
      saySotw(this, topic, topic.nonce, style === "twice" ? { resourceNames: [...names, ...names] } : {});
      return;
    }
    topic.prune();
    for (const name of [...add, ...had]) topic.rejections.asked(name, true);
    topic.owe(had);
    if (star === "on") {
      topic.rejections.askedAll();
      topic.owe();
      topic.owe(this.around.seen(this)?.get(kind)?.keys() ?? []);
    }
    const off = star === "off" && wasAll;
    const more = star === "on" ? [...add, "*"] : add;
    const less = off ? [...gone, "*"] : gone;
    sayDelta(this, topic, {
      resourceNamesSubscribe: style === "twice" ? [...more, ...more] : [...more],
      // What is asked for in the same breath stays.
      resourceNamesUnsubscribe: style === "plain" ? less : [...less, ...(style === "twice" ? less : more)],
    });
  }

  /** Delta: loses a resource, and asks for it again. */
  askAgain(kind: Kind, name: string): void {
    const topic = this.topic(kind);
    if (this.spec.protocol !== "delta" || !this.connected || !topic.begun || !topic.names.has(name)) return;
    topic.forget(name);
    topic.stir();
    topic.rejections.asked(name, true);
    sayDelta(this, topic, { resourceNamesSubscribe: [name] });
  }

  /** Says what it has decided; `reversed`: delta, about the newest first. State of the world: with `newestOnly`, older acceptances are left out, as Envoy does. */
  answer(newestOnly: boolean, reversed = false): void {
    for (const topic of this.topics.values()) {
      // In the state of the world the last word has to be about the newest.
      const answers = reversed && this.spec.protocol === "delta" ? topic.answers.reverse() : topic.answers;
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
      for (const [name, value] of topic.held) topic.write(name, value, this.around.changes);
      topic.owe();
      if (isFullState(topic.kind) && topic.wants.wildcard && topic.version !== "") topic.claims = topic.versionOf;
      this.claimed(topic);
      topic.waits = topic.wants.wildcard && topic.version === "";
      saySotw(this, topic, "");
      return;
    }
    topic.waits = topic.wants.wildcard;
    for (const [name, value] of topic.held) if (topic.accepted.has(name)) topic.write(name, value, this.around.changes);
    topic.owe(topic.open);
    if (this.spec.aggregated) this.#oweUnfed();
    const star = topic.star || (topic.legacy && topic.names.size > 0);
    sayDelta(this, topic, {
      resourceNamesSubscribe: star ? [...topic.names, "*"] : [...topic.names],
      initialResourceVersions: Object.fromEntries(topic.accepted),
    });
  }

  /** Delta: clusters for which it asks no endpoints when it comes back the server takes for lost. */
  #oweUnfed(): void {
    const [clusters, endpoints] = [this.topic("cluster"), this.topic("endpoints")];
    if (!clusters.begun || !endpoints.begun || endpoints.wants.wildcard) return;
    clusters.owe([...clusters.accepted.keys()].filter((name) => !endpoints.names.has(name)));
    clusters.stir();
  }

  /** State of the world: as soon as there is a configuration, the server sees whether it is what the client claims to hold. */
  claimed(topic: Topic): void {
    const seen = this.around.seen(this);
    if (topic.claims === undefined || seen === undefined) return;
    const due = expected(seen, topic.kind, topic.wants);
    if (changedNames(topic.claims, due).size === 0) {
      topic.acked = due;
      topic.allowance = 0;
    }
    topic.claims = undefined;
  }

  #answer(topic: Topic, answer: Answer): void {
    const { nonce, version, error } = answer;
    const errorDetail = error && { code: 13, message: `rejected: ${error.blamed.join(", ") || "because"}` };
    conclude(this, topic, answer);
    if (this.spec.protocol === "delta")
      sayDelta(this, topic, { responseNonce: nonce, ...(errorDetail && { errorDetail }) });
    else {
      topic.nonce = nonce;
      saySotw(this, topic, nonce, { versionInfo: version, ...(errorDetail && { errorDetail }) });
    }
  }

  #written(topic: Topic, response: Response): void {
    this.around.trace(`${this.name} (written) ${describeResponse(response)}`);
    this.around.check(this, topic, response);
    const said = this.#saidBy(topic, response);
    topic.rejections.served(said);
    topic.stirredAtWrite = topic.stirred;
    if (this.spec.protocol === "sotw" && isFullState(topic.kind)) topic.written.clear();
    for (const [name, value] of said.values) topic.write(name, value, said.at);
    for (const name of said.removed) topic.written.delete(name);
    if (this.fragile) this.leave();
  }

  /** Notes what a response has said, before anybody answers it. */
  #saidBy(topic: Topic, { nonce, resources, removed }: Response): Said {
    const values = new Map(resources.map(({ name, value }) => [name, value]));
    const said = { values, removed, at: this.around.changes };
    topic.newest = nonce;
    topic.waits = false;
    topic.said.set(nonce, said);
    topic.flights.set(nonce, said);
    for (const name of [...values.keys(), ...removed]) {
      topic.asked.delete(name);
      topic.owed.delete(name);
    }
    return said;
  }

  #received(topic: Topic, response: Response): void {
    topic.nonces.push(response.nonce);
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

  #acceptUnknown(bytes: Buffer): void {
    const { protocol, aggregated } = this.spec;
    const nonce = readEmpty(protocol, bytes);
    this.around.trace(`${this.name} < a response of the type that nobody knows`);
    const common = { typeUrl: UNKNOWN_URL, responseNonce: nonce };
    if (!aggregated) this.around.fail(`${this.name} was sent another type than that of the stream`);
    else if (protocol === "delta") this.wires.send("custom", deltaRequest(common));
    else this.wires.send("custom", sotwRequest({ ...common, resourceNames: ["a", "*"] }));
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
    saySotw(this, endpoints, endpoints.nonce);
  }
}
