import type { DeltaDiscoveryResponse, DiscoveryResponse } from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { bodyOf, node as everybody, namesOf, type World } from "./world.js";

/** The two variants of the protocol, for tests of what both must do. */
export const modes = ["delta", "sotw"] as const;
export type Mode = (typeof modes)[number];

/** A response of either variant. */
export interface Answer {
  readonly typeUrl: string;
  readonly nonce: string;
  readonly names: readonly string[];
  /** Always empty in the state of the world. */
  readonly removed: readonly string[];
  /** The encoded content of a resource in it. */
  body(name: string): Uint8Array | undefined;
  ack(): void;
  nack(message: string): void;
}

/** A client of either variant. */
export interface Client {
  /** The first request for a type. Without names: the wildcard of CDS and LDS. */
  ask(typeUrl: string, ...names: readonly string[]): void;
  next(): Promise<Answer>;
  /** Takes the next response, accepts it, and waits until the server knows. */
  accept(): Promise<Answer>;
  silence(): Promise<void>;
}

/** Opens an aggregated stream of one of the variants. `node`: who it says that it is. Default: the node of all tests. */
export function openClient(
  world: World,
  mode: Mode,
  node: { readonly id: string; readonly cluster: string } = everybody,
): Client {
  if (mode === "delta") {
    const stream = world.delta();
    return clientOf(stream, (typeUrl, names) => stream.send({ node, typeUrl, resourceNamesSubscribe: [...names] }));
  }
  const stream = world.sotw();
  return clientOf(stream, (typeUrl, names) => stream.send({ node, typeUrl, resourceNames: [...names] }));
}

interface Stream<T> {
  next(): Promise<T>;
  accept(): Promise<T>;
  ack(response: T): void;
  nack(response: T, message: string): void;
  silence(): Promise<void>;
}

function clientOf<T extends DeltaDiscoveryResponse | DiscoveryResponse>(
  stream: Stream<T>,
  send: (typeUrl: string, names: readonly string[]) => void,
): Client {
  const answer = (response: T): Answer => ({
    typeUrl: response.typeUrl,
    nonce: response.nonce,
    names: namesOf(response),
    removed: "removedResources" in response ? response.removedResources : [],
    body: (name) => bodyOf(response, name),
    ack: () => stream.ack(response),
    nack: (message) => stream.nack(response, message),
  });
  return {
    ask: (typeUrl, ...names) => send(typeUrl, names),
    next: async () => answer(await stream.next()),
    accept: async () => answer(await stream.accept()),
    silence: () => stream.silence(),
  };
}
