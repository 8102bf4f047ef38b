import { type Plan, type PlanStep, type PlanWait, type Resource, type Snapshot, typeUrls } from "@rxds/core";
import type { SimProtocol, SimRequest, SimResponse } from "./sim-messages.js";
import { simResource } from "./sim-messages.js";

/** What was said of a resource in which response. */
interface Told {
  readonly nonce: string;
  readonly resource: Resource | undefined;
}

/** One type as the driver has it. */
class DriverTopic {
  /** What the client is to have by now, whether it has asked for it or not. */
  readonly content = new Map<string, Resource>();
  readonly told = new Map<string, Told>();
  readonly acked = new Set<string>();
  readonly names = new Set<string>();
  begun = false;
  nonce = "";

  constructor(readonly type: string) {}

  get wildcard(): boolean {
    return this.type === typeUrls.cluster || this.type === typeUrls.listener;
  }

  wants(name: string): boolean {
    return this.begun && (this.wildcard || this.names.has(name));
  }
}

/**
 * A server that knows nothing but plans: it takes their steps one after the other, each when what it waits for is there, and
 * answers what it is asked for with what the steps have said so far.
 */
export class PlanDriver {
  readonly #topics = new Map<string, DriverTopic>();
  #steps: readonly PlanStep[] = [];
  #target: Snapshot | undefined;
  #nonces = 0;
  /** State of the world: answers that were given by a request with that nonce before: another one asks anew. */
  readonly #answered = new Set<string>();
  /** When a linger that has begun is over. */
  #until: number | undefined;

  constructor(
    readonly protocol: SimProtocol,
    readonly now: () => number,
    readonly send: (response: SimResponse) => void,
  ) {}

  /** Whether all steps were taken and answered. */
  get done(): boolean {
    const quiet = [...this.#topics.values()].every((topic) => topic.nonce === "" || topic.acked.has(topic.nonce));
    return this.#steps.length === 0 && quiet;
  }

  /** What it waits for, for people. */
  get waiting(): string {
    const [step] = this.#steps;
    const missing = step?.waitsFor.filter((wait) => !this.#isThere(wait)) ?? [];
    return step === undefined ? "the end" : `${step.kind}: ${missing.map(({ name, until }) => `${name} ${until}`)}`;
  }

  /** Goes a way, from where it is. */
  start({ steps }: Plan, target: Snapshot): void {
    this.#steps = steps;
    this.#target = target;
    this.#until = undefined;
  }

  /** Takes the next step if what it waits for is there. Returns whether it did. */
  step(): boolean {
    const [step] = this.#steps;
    if (step === undefined || !step.waitsFor.every((wait) => this.#isThere(wait))) return false;
    this.#until ??= this.now() + (step.ms ?? 0);
    if (this.now() < this.#until) return false;
    this.#until = undefined;
    this.#steps = this.#steps.slice(1);
    if (step.kind !== "linger") this.#take(step);
    return true;
  }

  /** Hears a request. */
  request({ type, nonce, names, unsubscribe, error, initialVersions }: SimRequest): void {
    const topic = this.#topic(type);
    if (nonce !== "" && error === undefined) topic.acked.add(nonce);
    const first = !topic.begun;
    const again = this.protocol === "sotw" && nonce !== "" && nonce === topic.nonce && topic.acked.has(nonce);
    const more = names.filter((name) => first || !topic.names.has(name));
    topic.begun = true;
    if (this.protocol === "sotw") topic.names.clear();
    for (const name of names) topic.names.add(name);
    for (const name of unsubscribe) topic.names.delete(name);
    const repeated = again && this.#answered.has(`${type} ${nonce}`);
    this.#answered.add(`${type} ${nonce}`);
    const due = topic.wildcard && first ? [...topic.content.keys()] : repeated ? names : more;
    const news = due.filter(
      (name) => initialVersions[name] === undefined || initialVersions[name] !== topic.content.get(name)?.version,
    );
    // An answer without anything ends the wait of a client that starts.
    if (news.length > 0 || (topic.wildcard && first)) this.#say(topic, news, [], true);
  }

  #take({ type, upserts, removals }: PlanStep): void {
    const topic = this.#topic(type);
    for (const { name } of upserts) {
      const resource = this.#target?.get(type, name);
      if (resource !== undefined) topic.content.set(name, resource);
    }
    for (const { name } of removals) topic.content.delete(name);
    const names = upserts.map(({ name }) => name).filter((name) => topic.wants(name));
    const gone = removals.map(({ name }) => name).filter((name) => topic.wants(name));
    if (names.length > 0 || gone.length > 0) this.#say(topic, names, gone);
  }

  #say(topic: DriverTopic, names: readonly string[], removed: readonly string[], evenNothing = false): void {
    const { type, content } = topic;
    const full = this.protocol === "sotw" && topic.wildcard;
    const resources = full ? [...content.values()] : names.flatMap((name) => content.get(name) ?? []);
    if (!full && !evenNothing && resources.length === 0 && removed.length === 0) return;
    const nonce = `${++this.#nonces}`;
    topic.nonce = nonce;
    for (const resource of resources) topic.told.set(resource.name, { nonce, resource });
    for (const name of removed) topic.told.set(name, { nonce, resource: undefined });
    const bodies = resources.map(({ name, version, body }) => simResource(name, version, body));
    const delta = this.protocol === "delta";
    this.send({ type, nonce, version: delta ? "" : nonce, resources: bodies, removed: delta ? removed : [] });
  }

  #isThere({ type, name, until }: PlanWait): boolean {
    const topic = this.#topic(type);
    if (until === "unsubscribed") return !topic.names.has(name);
    if (!topic.wildcard && !topic.names.has(name)) return true;
    return this.#isAcked(topic, name) || (until === "eds" && this.#isFed(name));
  }

  /** Whether what was said of a name last was accepted; in state of the world an answer is about all that came before it. */
  #isAcked({ told, acked, content }: DriverTopic, name: string): boolean {
    const last = told.get(name);
    if (last === undefined || last.resource !== content.get(name)) return false;
    if (acked.has(last.nonce)) return true;
    return this.protocol === "sotw" && [...acked].some((nonce) => Number(nonce) > Number(last.nonce));
  }

  /** Whether a cluster's endpoints were accepted after it was sent. */
  #isFed(cluster: string): boolean {
    const said = this.#topic(typeUrls.cluster).told.get(cluster);
    const eds = said?.resource?.references?.filter(
      ({ type }) => type === typeUrls.endpoints || type === typeUrls.secret,
    );
    if (said === undefined || eds === undefined) return false;
    return eds.every(({ type, name }) => {
      const topic = this.#topic(type);
      const fed = topic.told.get(name);
      if (!topic.names.has(name) || fed === undefined || !this.#isAcked(topic, name)) return false;
      return type === typeUrls.secret || Number(fed.nonce) > Number(said.nonce);
    });
  }

  #topic(type: string): DriverTopic {
    let topic = this.#topics.get(type);
    if (topic === undefined) {
      topic = new DriverTopic(type);
      this.#topics.set(type, topic);
    }
    return topic;
  }
}
