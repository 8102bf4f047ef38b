import { typeUrls } from "@rxds/core";
import type { ViewIndex } from "../fanout/view-index.js";
import type { Awaited } from "../hitless/late-clusters.js";
import { openDoubts } from "./doubts.js";
import type { XdsStream } from "./stream.js";
import type { Subscription } from "./subscription.js";

/**
 * Names of one type of which a client may say what is not so, unless it says that it has that version; `"all"`: there are too many.
 */
export type Doubts = ReadonlyMap<string, string | undefined> | "all";

/** What is remembered of a client. */
interface Memory {
  readonly doubts: Map<string, Doubts>;
  /** Clusters that it could not use yet. */
  readonly fresh: ReadonlySet<string>;
  /** The commit of which it was sent the clusters. Of another index that says nothing. */
  readonly seq: number;
  readonly of: WeakRef<ViewIndex>;
}

/** So many clients are remembered. */
const MOST_CLIENTS = 1000;

/** So many names are remembered of one client, of all types together. */
const MOST_NAMES = 1000;

/**
 * Remembers, when a delta stream ends, of what nobody knows how the client has it: what it rejected and did not accept since, and
 * what it did not answer. When the client comes back it says of those what it accepted before, and not what it uses.
 *
 * A client is known by its view, its node id and the service that it calls. Those who were not there for the longest time are
 * forgotten first.
 */
export class Marks {
  readonly #memories = new Map<string, Memory>();
  /** The newest stream of each client that has one. */
  readonly #newest = new Map<string, XdsStream>();

  constructor(
    readonly mostClients: number = MOST_CLIENTS,
    readonly mostNames: number = MOST_NAMES,
  ) {}

  /** How many clients are remembered. */
  get size(): number {
    return this.#memories.size;
  }

  /** A client was admitted. If it has another stream, that one is lost, and nobody has noticed so far. */
  began(stream: XdsStream): void {
    if (stream.protocol !== "delta") return;
    const client = clientOf(stream);
    const before = this.#newest.get(client);
    if (before !== undefined) this.#remember(client, before);
    this.#newest.set(client, stream);
    const memory = this.#memories.get(client);
    if (stream.planner === undefined || memory?.of.deref() !== stream.view!.index) return;
    stream.planner.freshBefore = memory.fresh;
  }

  /** A stream is about to end, and still knows what it was about. */
  ended(stream: XdsStream): void {
    if (stream.protocol !== "delta" || stream.view === undefined) return;
    const client = clientOf(stream);
    if (this.#newest.get(client) !== stream) return;
    this.#newest.delete(client);
    this.#remember(client, stream);
  }

  /** What is doubtful of the clusters of a client that has said nothing of them so far. */
  awaited(stream: XdsStream): Awaited | undefined {
    const memory = this.#memoryOf(stream);
    const doubts = memory?.doubts.get(typeUrls.cluster);
    if (memory === undefined || doubts === undefined) return undefined;
    return { doubts, seq: memory.of.deref() === stream.view?.index ? memory.seq : 0 };
  }

  /** What is doubtful of one type when the client says what it holds of it. It is forgotten with that. */
  take(stream: XdsStream, typeUrl: string): Doubts | undefined {
    const types = this.#memoryOf(stream)?.doubts;
    const doubts = types?.get(typeUrl);
    types?.delete(typeUrl);
    if (types?.size === 0) this.#memories.delete(clientOf(stream));
    return doubts;
  }

  #memoryOf(stream: XdsStream): Memory | undefined {
    return this.#memories.size === 0 ? undefined : this.#memories.get(clientOf(stream));
  }

  #remember(client: string, { subscriptions, view, planner }: XdsStream): void {
    const before = this.#memories.get(client);
    // Types that the stream did not come to are as doubtful as before.
    const doubts = new Map(before?.doubts);
    for (const [type, names] of allDoubts(subscriptions)) {
      if (names.size > 0) doubts.set(type, this.#bounded(doubts, type, names));
    }
    this.#memories.delete(client);
    if (doubts.size === 0) return;
    const clusters = subscriptions.get(typeUrls.cluster);
    if (clusters === undefined && before !== undefined) this.#memories.set(client, { ...before, doubts });
    else {
      const { table } = view!.index.table(typeUrls.cluster);
      const fresh = new Set([...(planner?.fresh.keys() ?? [])].flatMap((id) => table.nameOf(id) ?? []));
      this.#memories.set(client, { doubts, fresh, seq: clusters?.cursor ?? 0, of: new WeakRef(view!.index) });
    }
    const [oldest] = this.#memories.keys();
    if (this.#memories.size > this.mostClients && oldest !== undefined) this.#memories.delete(oldest);
  }

  #bounded(all: ReadonlyMap<string, Doubts>, type: string, names: Exclude<Doubts, "all">): Doubts {
    let count = names.size;
    for (const [other, doubts] of all) if (other !== type && doubts !== "all") count += doubts.size;
    return count > this.mostNames ? "all" : names;
  }
}

/** What is open on a stream, by type. */
function allDoubts(subscriptions: XdsStream["subscriptions"]): ReadonlyMap<string, Map<string, string | undefined>> {
  const open = new Map([...subscriptions].map(([type, subscription]) => [type, openDoubts(subscription)]));
  const clusters = subscriptions.get(typeUrls.cluster);
  const endpoints = open.get(typeUrls.endpoints);
  if (clusters === undefined || endpoints === undefined) return open;
  // A cluster that changed may wait for its endpoints anew, which the client says that it has.
  for (const name of open.get(typeUrls.cluster)?.keys() ?? []) {
    for (const eds of endpointsOf(clusters, name)) endpoints.set(eds, undefined);
  }
  return open;
}

function endpointsOf({ index, set }: Subscription, cluster: string): readonly string[] {
  const id = index.table.idOf(cluster);
  const references = id === undefined ? undefined : set.resource(id)?.references;
  return (references ?? []).flatMap(({ type, name }) => (type === typeUrls.endpoints ? name : []));
}

function clientOf({ view, node, typeUrl = "" }: XdsStream): string {
  return JSON.stringify([view!.key, node!.id, typeUrl]);
}
