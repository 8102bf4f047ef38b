import { type Client, openClient } from "./client.js";
import { type Delta, node, openDelta, openSotw, type Sotw, silences } from "./streams.js";
import { control } from "./target.js";
import type { Item, Type } from "./types.js";
import type { Carrier, Variant } from "./variants.js";

/** The server under test with a state of the test's own, and the streams that the test opens. */
export interface World extends AsyncDisposable {
  /** Changes or adds resources, as one change. */
  put(...items: readonly Item[]): Promise<void>;
  /** Removes resources, as one change. */
  drop(type: Type, ...names: readonly string[]): Promise<void>;
  /** Changes and removes, as one change. */
  change(items: readonly Item[], removed: readonly (readonly [type: Type, name: string])[]): Promise<void>;
  /** Sends the same state again. */
  repeat(): Promise<void>;
  /** Opens a delta stream for a type; over ADS other types may be asked for as well. Default: over ADS. */
  delta(type: Type, carrier?: Carrier): Delta;
  /** Opens a state-of-the-world stream. */
  sotw(type: Type, carrier?: Carrier): Sotw;
  /** Opens a stream of either variant, for what both must do. */
  client(type: Type, variant: Variant): Client;
}

const keyOf = ({ typeUrl, name }: Pick<Item, "typeUrl" | "name">): string => `${typeUrl} ${name}`;

let worlds = 0;

/** Gives the server a first state; what other tests left is gone. The streams end with the world. */
export async function startWorld(items: readonly Item[] = []): Promise<World> {
  const state = new Map([...silences, ...items].map((item) => [keyOf(item), item]));
  const streams: AsyncDisposable[] = [];
  const kept = <T extends AsyncDisposable>(stream: T): T => {
    streams.push(stream);
    return stream;
  };
  const repeat = () =>
    control.put({
      resources: [...state.values()].map(({ typeUrl, name, value, aliases, ttlMs }) => ({
        type_url: typeUrl,
        name,
        value: Buffer.from(value).toString("base64"),
        ...(aliases === undefined ? {} : { aliases }),
        ...(ttlMs === undefined ? {} : { ttl_ms: ttlMs }),
      })),
    });
  const change: World["change"] = (changed, removed) => {
    for (const [{ typeUrl }, name] of removed) state.delete(keyOf({ typeUrl, name }));
    for (const item of changed) state.set(keyOf(item), item);
    return repeat();
  };
  const put: World["put"] = (...more) => change(more, []);
  const delta: World["delta"] = (type, carrier = "ADS") => kept(openDelta({ type, carrier }, put));
  const sotw: World["sotw"] = (type, carrier = "ADS") => kept(openSotw({ type, carrier }, put));
  node.id = `conformance-${++worlds}`;
  await repeat();
  return {
    put,
    change,
    repeat,
    drop: (type, ...names) =>
      change(
        [],
        names.map((name) => [type, name]),
      ),
    delta,
    sotw,
    client: (type, { mode, carrier }) =>
      openClient(mode === "delta" ? { delta: delta(type, carrier) } : { sotw: sotw(type, carrier) }, type),
    async [Symbol.asyncDispose]() {
      for (const stream of streams) await stream[Symbol.asyncDispose]();
    },
  };
}
