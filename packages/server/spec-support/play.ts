import { checkStatuses } from "./check-statuses.js";
import { checkWritten } from "./check-written.js";
import { compareHeld, compareWritten } from "./compare.js";
import type { History, SnapshotChange, Step } from "./history.js";
import { Landscape } from "./landscape.js";
import type { Response } from "./messages.js";
import type { Content, ShownNames } from "./model.js";
import { beOdd } from "./odd.js";
import { KINDS, type Kind, type Sample } from "./samples.js";
import type { Surroundings, Wire, WireListener } from "./surroundings.js";
import { XdsTestClient } from "./test-client.js";
import type { Topic } from "./topic.js";
import { HistoryError, type Inlet, type World } from "./world.js";

/** Plays a history and compares at every rest. @throws HistoryError with all that was said. */
export async function play(history: History, world: World, inlet: Inlet): Promise<void> {
  const run = new Run(history, world, inlet);
  try {
    await run.all();
  } catch (error) {
    if (error instanceof HistoryError) throw error;
    throw new HistoryError(`${error instanceof Error ? error.stack : error}\n${run.story()}`);
  }
}

class Run implements Surroundings {
  readonly clients: XdsTestClient[];
  /** Clients that are to be connected. */
  readonly #present = new Set<XdsTestClient>();
  readonly landscape: Landscape;
  readonly #story: string[] = [];
  readonly #failures: string[] = [];

  constructor(
    readonly history: History,
    readonly world: World,
    inlet: Inlet,
  ) {
    this.clients = history.clients.map((spec, id) => new XdsTestClient(id, spec, this));
    this.landscape = new Landscape(this.clients, inlet);
  }

  get changes(): number {
    return this.landscape.changes;
  }

  seen(client: XdsTestClient): Content | undefined {
    return this.landscape.seen(client);
  }

  get exact(): boolean {
    return this.world.exact;
  }

  async all(): Promise<void> {
    for (const client of this.clients) await this.#join(client, true);
    for (const step of this.history.steps) {
      this.trace(`--- ${JSON.stringify(step)}`);
      await this.#step(step);
      this.#verdict();
    }
    await this.#end();
    this.#verdict();
  }

  story(): string {
    return this.#story.join("\n");
  }

  open(client: XdsTestClient, kind: Kind | undefined, listener: WireListener): Wire {
    return this.world.open(client, kind, listener);
  }

  trace(line: string): void {
    this.#story.push(line);
  }

  readonly fail = (message: string): void => {
    this.trace(`FAILED: ${message}`);
    this.#failures.push(message);
  };

  check(client: XdsTestClient, topic: Topic, response: Response): void {
    checkWritten(client, topic, response, this.seen(client), (message) => this.fail(message));
    if (client.spec.aggregated) for (const { name } of response.resources) renew(client, topic, name);
    if (topic.kind !== "cluster") return;
    client.topic("endpoints").stir();
    client.topic("endpoints").owe(response.resources.map(({ name }) => name));
  }

  async #step(step: Step): Promise<void> {
    const client = "client" in step ? this.clients[step.client % this.clients.length]! : this.clients[0]!;
    switch (step.do) {
      case "publish":
        await this.#publish(step);
        break;
      case "publish-invalid":
        this.landscape.publishInvalid(step.how);
        break;
      case "scope":
        await this.world.heard();
        this.landscape.scope(step.key, step.shown as ShownNames);
        break;
      case "want":
        client.want(step);
        break;
      case "ask-again":
        client.askAgain(step.kind, step.name);
        break;
      case "reject":
        client.topic(step.kind).reject = step;
        break;
      case "poison": {
        const { kind, name, value } = step.content;
        const topic = client.topic(kind);
        // What a client has accepted it does not reject later.
        if (topic.held.get(name) === value || topic.acked.get(name) === value) break;
        topic.poison.set(`${name}=${value}`, step);
        break;
      }
      case "delay-answers":
        client.delayed = true;
        break;
      case "answer":
        client.delayed = false;
        client.answer(step.newestOnly, step.reversed);
        break;
      case "stall":
        client.stalled = true;
        this.world.stall(client);
        break;
      case "read":
        client.stalled = false;
        this.world.read(client);
        break;
      case "leave":
        if (step.how === "in the middle") client.fragile = client.connected;
        else {
          this.#present.delete(client);
          client.leave(step.how);
        }
        break;
      case "odd":
        if (client.connected) beOdd(client, client.topic(step.kind), step.what);
        break;
      case "connect":
        client.leave();
        for (const change of step.wants) client.want(change);
        for (const change of step.publish) await this.#publish(change);
        await this.#join(client, step.forget);
        break;
      case "turns":
        await this.world.turns(step.count);
        break;
      case "wait":
        await this.world.wait(step.ms);
        break;
      case "settle":
        await this.#settle();
    }
  }

  async #join(client: XdsTestClient, forget: boolean): Promise<void> {
    this.#present.add(client);
    for (const request of client.connect(forget)) {
      request();
      if (client.spec.pace === "slow") await this.world.turns(2);
    }
  }

  async #publish(change: SnapshotChange): Promise<void> {
    await this.world.heard();
    this.landscape.publish(change);
  }

  /** Lets everybody say and hear all that there is, and compares. */
  async #settle(): Promise<void> {
    if (this.exact) await this.#checkWritten();
    for (let n = 0; n < 3; n++) {
      for (const client of this.clients) {
        for (const topic of client.topics.values()) topic.reject = undefined;
        client.delayed = false;
        if (this.#present.has(client) && !client.connected) await this.#join(client, false);
        client.answer(false);
        client.stalled = false;
        this.world.read(client);
      }
      await this.world.rest(this.clients);
    }
    this.trace("    (rest)");
    for (const client of this.clients) for (const topic of client.topics.values()) topic.repeats = false;
    if (this.exact) checkStatuses(this.clients, this.world.statuses(), this);
    for (const client of this.clients)
      if (client.connected) for (const topic of client.topics.values()) this.#compare(client, topic);
  }

  /** A client that keeps its answers to itself is served all the same, up to a point. */
  async #checkWritten(): Promise<void> {
    await this.world.rest(this.clients);
    for (const client of this.clients) {
      const seen = this.seen(client);
      if (!client.connected || seen === undefined) continue;
      for (const topic of client.topics.values()) {
        if (!topic.begun || this.#mayWait(client, topic)) continue;
        const found = compareWritten(client, topic, seen);
        if (found.length > 0) this.fail(`${client.name} was not written ${topic.kind}: ${found.join("; ")}`);
      }
    }
  }

  /** Whether the server may wait for the client with this kind: it reads nothing, or owes several answers. */
  #mayWait(client: XdsTestClient, topic: Topic): boolean {
    const kinds: readonly Kind[] = ["cluster", "listener", topic.kind];
    // Each secret goes alone: in the state of the world the next one waits for the answer.
    const alone = client.spec.protocol === "sotw" && topic.kind === "secret";
    if (alone && topic.answers.length > 0) return true;
    return client.stalled || kinds.some((kind) => client.topic(kind).answers.length >= 4);
  }

  #compare(client: XdsTestClient, topic: Topic): void {
    const seen = this.seen(client);
    if (seen === undefined || !topic.begun) return;
    const found = compareHeld(client, topic, seen);
    if (found.length > 0) this.fail(`${client.name} ${topic.kind}: ${found.join("; ")}`);
  }

  async #end(): Promise<void> {
    this.trace("--- the end");
    await this.#settle();
    if (!this.landscape.begun) return;
    this.trace("--- the same again: nothing may be sent");
    const count = this.#story.length;
    await this.#publish({ set: [], drop: [], anew: true });
    await this.world.rest(this.clients);
    const said = this.#story.slice(count).filter((line) => line.includes(" < "));
    if (said.length > 0) this.fail(`an equal snapshot was sent: ${said.join("; ")}`);
    this.trace("--- something comes that nobody can stand, and something else; then something else again");
    for (const client of this.clients) {
      const blame = (["nobody", "first", "nobody", "all"] as const)[client.id]!;
      for (const topic of client.topics.values()) topic.poison.set("b=3", { blame, partly: false });
    }
    await this.#publish({ set: everyKind({ b: 3, d: 3 }), drop: [], anew: false });
    await this.#settle();
    await this.#publish({ set: everyKind({ c: 6, d: 4 }), drop: [], anew: false });
    await this.#settle();
    this.trace("--- everybody leaves and comes back, and much is different then");
    for (const client of this.#present) client.leave();
    const drop = KINDS.map((kind) => ({ kind, name: "a" }));
    await this.#publish({ set: everyKind({ c: 3 }), drop, anew: false });
    await this.#settle();
    this.trace("--- everything changes");
    const all = everyKind({ a: 5, b: 5, c: 5, d: 5 });
    await this.#publish({ set: all, drop: [], anew: false });
    await this.#settle();
    await this.#publish({
      set: all.slice(0, 20).map((key) => ({ ...key, value: 4 })),
      drop: all.slice(20),
      anew: true,
    });
    await this.#settle();
  }

  #verdict(): void {
    if (this.#failures.length > 0) throw new HistoryError(`${this.#failures.join("\n")}\n\n${this.story()}`);
  }
}

/** What refers to something that was just sent may be sent again if it was rejected before that changed. */
function renew(client: XdsTestClient, { kind, changes }: Topic, name: string): void {
  // Every route leads to one cluster.
  const referring: Partial<Record<Kind, Kind>> = { endpoints: "cluster", routes: "listener", cluster: "routes" };
  const other = referring[kind];
  if (other === undefined || (kind === "cluster" && name !== "a")) return;
  const { rejections } = client.topic(other);
  const count = rejections.reconsider(kind === "cluster" ? undefined : name, changes.get(name) ?? 0);
  if (count > 0) client.topic(other).stir();
}

/** Those resources of every kind. */
const everyKind = (values: Readonly<Record<string, number>>): Sample[] =>
  KINDS.flatMap((kind) => Object.entries(values).map(([name, value]) => ({ kind, name, value })));
