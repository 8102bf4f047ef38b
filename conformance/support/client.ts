import type { DeltaDiscoveryResponse, DiscoveryResponse } from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { type Delta, namesOf, node, type Sotw } from "./streams.js";
import type { Type } from "./types.js";

/** A response of either variant. */
export interface Answer {
  readonly typeUrl: string;
  readonly nonce: string;
  /** The type URLs of the resources themselves, each once. */
  readonly inner: readonly string[];
  readonly names: readonly string[];
  /** Always empty in the state of the world. */
  readonly removed: readonly string[];
  ack(): void;
  nack(message: string): void;
}

/** A client of either variant, which keeps its subscriptions as names. */
export interface Client {
  /** Asks for names of a type, beside those asked for before. Without names at first: the wildcard of CDS and LDS. */
  ask(type: Type, ...names: readonly string[]): void;
  /** Drops names of a type. */
  leave(type: Type, ...names: readonly string[]): void;
  next(): Promise<Answer>;
  /** Takes the next response and accepts it. */
  accept(): Promise<Answer>;
  silence(): Promise<void>;
  /** Stops reading. */
  pause(): void;
  /** Reads on. */
  resume(): void;
}

/** Speaks for one stream. `only`: its type, when it has just one. */
export function openClient(stream: { delta: Delta } | { sotw: Sotw }, only: Type): Client {
  return "delta" in stream ? deltaClient(stream.delta) : sotwClient(stream.sotw, only);
}

function deltaClient(stream: Delta): Client {
  let first = true;
  const hello = () => {
    const said = first ? { node } : {};
    first = false;
    return said;
  };
  return {
    ask: ({ typeUrl }, ...names) => stream.send({ ...hello(), typeUrl, resourceNamesSubscribe: [...names] }),
    leave: ({ typeUrl }, ...names) => stream.send({ typeUrl, resourceNamesUnsubscribe: [...names] }),
    ...answers(stream),
  };
}

function sotwClient(stream: Sotw, only: Type): Client {
  const wanted = new Map<string, Set<string>>();
  const request = (typeUrl: string) => {
    const first = wanted.size === 0;
    const names = wanted.get(typeUrl) ?? new Set<string>();
    wanted.set(typeUrl, names);
    return { names, first };
  };
  const send = (typeUrl: string, names: ReadonlySet<string>, first: boolean) => {
    const newest = stream.received.filter((response) => response.typeUrl === typeUrl).at(-1);
    stream.send({
      ...(first ? { node } : {}),
      typeUrl: typeUrl || only.typeUrl,
      resourceNames: [...names],
      responseNonce: newest?.nonce ?? "",
      versionInfo: newest?.versionInfo ?? "",
    });
  };
  return {
    ask({ typeUrl }, ...more) {
      const { names, first } = request(typeUrl);
      for (const name of more) names.add(name);
      send(typeUrl, names, first);
    },
    leave({ typeUrl }, ...less) {
      const { names } = request(typeUrl);
      for (const name of less) names.delete(name);
      send(typeUrl, names, false);
    },
    ...answers(stream),
  };
}

interface Stream<T> {
  next(): Promise<T>;
  ack(response: T): void;
  nack(response: T, message: string): void;
  silence(): Promise<void>;
  pause(): void;
  resume(): void;
}

function answers<T extends DeltaDiscoveryResponse | DiscoveryResponse>(
  stream: Stream<T>,
): Omit<Client, "ask" | "leave"> {
  const next = async (): Promise<Answer> => {
    const response = await stream.next();
    return {
      typeUrl: response.typeUrl,
      nonce: response.nonce,
      inner: [...new Set(response.resources.map(innerType))],
      names: namesOf(response),
      removed: "removedResources" in response ? [...response.removedResources].sort() : [],
      ack: () => stream.ack(response),
      nack: (message) => stream.nack(response, message),
    };
  };
  return {
    next,
    async accept() {
      const answer = await next();
      answer.ack();
      return answer;
    },
    silence: () => stream.silence(),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
  };
}

function innerType(resource: (DeltaDiscoveryResponse | DiscoveryResponse)["resources"][number]): string {
  return resource.$typeName === "google.protobuf.Any" ? resource.typeUrl : (resource.resource?.typeUrl ?? "");
}
