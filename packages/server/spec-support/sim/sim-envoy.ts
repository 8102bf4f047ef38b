import { typeUrls } from "@rxds/core";
import { SimClusters, type SimTimes } from "./sim-clusters.js";
import { SimListeners } from "./sim-listeners.js";
import type { SimProtocol, SimRequest, SimResource, SimResponse } from "./sim-messages.js";
import { SimTopic } from "./sim-topic.js";
import { createTimeline, type Timeline } from "./timeline.js";

/** How a simulated Envoy is run. */
export interface SimEnvoyOptions {
  readonly protocol: SimProtocol;
  /** Hears each request. Answers may be given at once or later. */
  readonly send: (request: SimRequest) => void;
  /** Hears of each moment after which something is different. */
  readonly changed?: () => void;
  /** Default: as Envoy's: 15 s until it goes on without something, 600 s of draining; 800 ms until the first health check. */
  readonly times?: Partial<SimTimes>;
  /** Default: one of its own, which `tick` moves. */
  readonly timeline?: Timeline;
}

/**
 * An Envoy as its behaviour was seen: what warms for how long, what it accepts, rejects, applies in spite of a rejection,
 * ignores, and says when. It knows clusters, endpoints, listeners, route configurations and secrets; of other types it accepts
 * all and uses nothing.
 */
export class SimEnvoy {
  readonly timeline: Timeline;
  readonly clusters: SimClusters;
  readonly listeners: SimListeners;
  /** The route configurations that came and are still asked for. */
  readonly routes = new Map<string, SimResource>();
  /** The endpoints that came and are still asked for. */
  readonly endpoints = new Map<string, SimResource>();
  /** The secrets that came; undefined: the server said that there is none. */
  readonly secrets = new Map<string, SimResource | undefined>();
  readonly #topics = new Map<string, SimTopic>();
  /** Answers about clusters that wait until none warms. */
  #withheld: { readonly response: SimResponse; readonly error: string | undefined }[] = [];
  #connected = false;
  /** Whether there was a first answer about clusters: listeners are asked for after it. */
  #started = false;
  /** Whether it is past its start. */
  #listening = false;

  constructor(readonly options: SimEnvoyOptions) {
    this.timeline = options.timeline ?? createTimeline();
    const times = { fetchMs: 15_000, checkMs: 800, drainMs: 600_000, ...options.times };
    const settled = () => this.#settle();
    this.clusters = new SimClusters(
      this.timeline,
      times,
      (name) => this.secrets.has(name),
      (missed) => {
        // In state of the world it asks for endpoints once more when it has waited in vain.
        if (missed) this.#wantEndpoints(true);
        this.#settle();
      },
    );
    const has = {
      secret: (name: string) => this.secrets.has(name),
      routes: (name: string) => this.routes.has(name),
      cluster: (name: string) => this.clusters.has(name),
    };
    this.listeners = new SimListeners(this.timeline, times, has, settled);
  }

  /** Opens a stream: says for each type what it wants and has. */
  connect(): void {
    this.#connected = true;
    // While a cluster warms it says nothing about clusters, not even that it wants them.
    if (this.clusters.warming.size === 0 || !this.#listening) this.#topic(typeUrls.cluster).begin();
    for (const type of [typeUrls.endpoints, typeUrls.secret, typeUrls.listener, typeUrls.routes]) {
      const topic = this.#topic(type);
      if (topic.names.size > 0 || (topic.wildcard && this.#listening)) topic.begin();
    }
    this.#settle();
  }

  /** The stream is lost, with all answers that were not given. What it has stays in use. */
  disconnect(): void {
    this.#connected = false;
    this.#withheld = [];
    for (const topic of this.#topics.values()) topic.end();
  }

  /** Lets time pass. */
  tick(ms: number): void {
    this.timeline.tick(ms);
  }

  /** Takes a response. */
  receive(response: SimResponse): void {
    if (!this.#connected) return;
    const invalid = response.resources.find(({ facts }) => facts.invalid !== undefined);
    const error = invalid ? `${invalid.name}: ${invalid.facts.invalid}` : this.#apply(response);
    if (error === undefined) this.#topic(response.type).accept(response);
    if (response.type === typeUrls.cluster) {
      this.#started = true;
      this.#withheld.push({ response, error });
    }
    // What follows from it is asked for, and clusters that it made ready are answered, before it is answered itself.
    this.#settle();
    if (response.type !== typeUrls.cluster) this.#topic(response.type).answer(response, error);
  }

  /** Applies what can be applied. Returns what is wrong with the rest. */
  #apply({ type, resources, removed }: SimResponse): string | undefined {
    switch (type) {
      case typeUrls.cluster:
        return this.#applyClusters(
          resources,
          this.#removals(resources, removed, this.clusters.active, this.clusters.warming),
        );
      case typeUrls.listener: {
        const { active, warming } = this.listeners;
        const errors = this.listeners.update(resources, this.#removals(resources, removed, active, warming));
        return errors.length > 0 ? `Error adding/updating listener(s) ${errors.join(", ")}` : undefined;
      }
      case typeUrls.endpoints:
        // In delta it hears that endpoints are not there; those that it has it keeps.
        for (const name of removed) if (!this.endpoints.has(name)) this.clusters.feed(name, false);
        return this.#applyNamed(resources, this.endpoints, typeUrls.endpoints, (name) =>
          this.clusters.feed(name, true),
        );
      case typeUrls.routes:
        return this.#applyNamed(resources, this.routes, type, () => this.listeners.progress());
      case typeUrls.secret:
        for (const name of removed) if (!this.secrets.has(name)) this.secrets.set(name, undefined);
        return this.#applyNamed(resources, this.secrets, type, () => this.#secret());
      default:
        return undefined;
    }
  }

  #removals(resources: readonly SimResource[], removed: readonly string[], ...has: ReadonlyMap<string, unknown>[]) {
    if (this.options.protocol === "delta") return removed;
    const stay = new Set(resources.map(({ name }) => name));
    return [...new Set(has.flatMap((map) => [...map.keys()]))].filter((name) => !stay.has(name));
  }

  #applyClusters(resources: readonly SimResource[], removals: readonly string[]): string | undefined {
    const results = resources.map((cluster) => this.clusters.put(cluster));
    for (const name of removals) this.clusters.remove(name);
    // In state of the world Envoy asks for endpoints again when a cluster changed; in delta it does not.
    if (results.includes(true)) this.#wantEndpoints(true);
    const errors = results.filter((result) => typeof result === "string");
    return errors.length > 0 ? `Error adding/updating cluster(s) ${errors.join(", ")}` : undefined;
  }

  /** Resources that are used under their name when they are asked for; the first bad one ends it. */
  #applyNamed(
    resources: readonly SimResource[],
    into: Map<string, SimResource | undefined>,
    type: string,
    came: (name: string) => void,
  ): string | undefined {
    for (const resource of resources) {
      if (!this.#topic(type).names.has(resource.name)) continue;
      if (resource.facts.bad !== undefined) return resource.facts.bad;
      into.set(resource.name, resource);
      came(resource.name);
    }
    return undefined;
  }

  #secret(): void {
    this.clusters.secret();
    this.listeners.progress();
  }

  /** Asks for what is needed now, and gives the answers that were withheld. */
  #settle(): void {
    if (this.#connected) {
      this.#wantEndpoints(false);
      this.#want(typeUrls.routes, this.listeners.routeNames, this.routes);
      const all = [...this.clusters.active.values(), ...this.clusters.warming.values()];
      const secrets = new Set([...this.listeners.secretNames, ...all.flatMap(({ facts }) => facts.secrets ?? [])]);
      this.#want(typeUrls.secret, secrets, this.secrets);
      const warm = this.clusters.warming.size === 0;
      // What it is sent while it starts it answers at once.
      if (warm || !this.#listening) this.#release();
      if (warm && this.#started) this.#listen();
    }
    this.options.changed?.();
  }

  #wantEndpoints(again: boolean): void {
    if (this.#connected) this.#want(typeUrls.endpoints, this.clusters.endpointNames, this.endpoints, again);
  }

  #want(type: string, names: ReadonlySet<string>, has: Map<string, unknown>, again = false): void {
    for (const name of has.keys()) if (!names.has(name)) has.delete(name);
    this.#topic(type).want(names, again);
  }

  #release(): void {
    const { protocol } = this.options;
    const due = protocol === "sotw" ? this.#withheld.slice(-1) : this.#withheld;
    this.#withheld = [];
    if (!this.#topic(typeUrls.cluster).begun) this.#topic(typeUrls.cluster).begin();
    for (const { response, error } of due) this.#topic(typeUrls.cluster).answer(response, error);
  }

  /** Asks for listeners, which it does when its first clusters are warm. */
  #listen(): void {
    const listeners = this.#topic(typeUrls.listener);
    this.#listening = true;
    if (!listeners.begun) listeners.begin();
  }

  #topic(type: string): SimTopic {
    let topic = this.#topics.get(type);
    if (topic === undefined) {
      const wildcard = type === typeUrls.cluster || type === typeUrls.listener;
      topic = new SimTopic(type, wildcard, this.options.protocol, (request) => {
        if (this.#connected) this.options.send(request);
      });
      this.#topics.set(type, topic);
    }
    return topic;
  }
}
