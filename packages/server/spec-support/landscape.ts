import { createSnapshot, edit, InvalidSnapshotError } from "@rxds/core";
import type { SnapshotChange } from "./history.js";
import { type Content, changedNames, expected, type ShownNames, view } from "./model.js";
import { KIND_URLS, KINDS, type Kind, resourceOf } from "./samples.js";
import { invalidSnapshot, resourcesOf } from "./snapshots.js";
import type { XdsTestClient } from "./test-client.js";
import type { Inlet } from "./world.js";

const EVERYTHING = { names: new Set<string>(), wildcard: true };

/** What there is to be seen: the configuration, and what each view shows of it. */
export class Landscape {
  /** Counts changes. */
  changes = 0;
  #good: Content | undefined;
  #snapshot = createSnapshot();
  readonly #shown = new Map<string, ShownNames>();

  constructor(
    readonly clients: readonly XdsTestClient[],
    readonly inlet: Inlet,
  ) {}

  /** Whether there is a configuration. */
  get begun(): boolean {
    return this.#good !== undefined;
  }

  /** What a client is shown; undefined: nothing yet. */
  seen({ spec: { key } }: XdsTestClient): Content | undefined {
    const shown = this.#shown.get(key);
    if (this.#good === undefined) return undefined;
    if (key === "") return this.#good;
    return shown && view(this.#good, shown);
  }

  publish({ set, drop, anew }: SnapshotChange): void {
    const next = new Map(KINDS.map((kind) => [kind as string, new Map(this.#good?.get(kind))]));
    for (const { kind, name } of drop) next.get(kind)!.delete(name);
    for (const { kind, name, value } of set) next.get(kind)!.set(name, value);
    if (anew) this.#snapshot = createSnapshot(resourcesOf(next));
    else {
      this.#snapshot = edit(this.#snapshot, (draft) => {
        for (const { kind, name } of drop) draft.delete(KIND_URLS[kind], name);
        for (const sample of set) draft.set(resourceOf(sample));
      });
    }
    this.#turn(() => {
      this.#good = next;
    });
    this.inlet.publish(this.#snapshot);
  }

  publishInvalid(how: "duplicate" | "port"): void {
    try {
      this.inlet.publishInvalid(invalidSnapshot(this.#good ?? new Map(), how));
    } catch (error) {
      if (!(error instanceof InvalidSnapshotError)) throw error;
    }
  }

  scope(key: string, shown: ShownNames): void {
    this.#turn(() => this.#shown.set(key, shown));
    const scope = Object.entries(shown).map(([kind, names]) => [KIND_URLS[kind as Kind], names] as const);
    this.inlet.scope(key, Object.fromEntries(scope));
  }

  /** Changes what is to be seen, and tells the clients' topics what that means for them. */
  #turn(change: () => void): void {
    const before = this.clients.map((client) => this.seen(client));
    change();
    this.changes++;
    this.clients.forEach((client, i) => {
      const after = this.seen(client);
      for (const kind of KINDS) this.#tell(client, kind, before[i] ?? new Map(), after ?? new Map());
    });
  }

  #tell(client: XdsTestClient, kind: Kind, before: Content, after: Content): void {
    const topic = client.topic(kind);
    const changed = changedNames(expected(before, kind, EVERYTHING), expected(after, kind, EVERYTHING));
    for (const name of changed) topic.changes.set(name, this.changes);
    const mine = changedNames(expected(before, kind, topic.told), expected(after, kind, topic.told));
    topic.rejections.changed(changed, mine.size > 0);
    client.claimed(topic);
    if (mine.size === 0) return;
    topic.stir();
    if (kind === "cluster") client.topic("endpoints").stir();
  }
}
