import { fromBinary } from "@bufbuild/protobuf";
import type { DeltaDiscoveryResponse, DiscoveryResponse } from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { eventually, type RawDelta, type RawSotw, type RawXdsOptions, rawXds } from "@rxds/testkit";
import {
  createOpaqueResource,
  createStore,
  edsCluster,
  endpoints,
  type ResourceItem,
  resourceType,
  type ServeXdsOptions,
  type Store,
  serveXds,
  type XdsEvent,
  type XdsServer,
} from "rxds";

/** A server with a store of its own, and everything that it says of itself. */
export interface World extends AsyncDisposable {
  readonly store: Store;
  readonly server: XdsServer;
  readonly events: readonly XdsEvent[];
  /** Changes or adds resources, as one commit. */
  put(...items: readonly ResourceItem[]): void;
  /** Removes resources, as one commit. */
  drop(typeUrl: string, ...names: readonly string[]): void;
  delta(options?: StreamOptions): Delta;
  sotw(options?: StreamOptions): Sotw;
}

type StreamOptions = Pick<RawXdsOptions, "service" | "method">;

/** What the tests do most. */
export interface Steps<T> {
  /** Takes the next response, accepts it, and waits until the server knows. */
  accept(): Promise<T>;
  /**
   * Proves that whatever happened so far brought no response but those that were taken.
   * Commits a resource of a new type, which is pushed after all others, and asks for it: the answer must be the next
   * response. So all that came before it, requests and commits, had nothing to say to this stream.
   */
  silence(): Promise<void>;
}

export type Delta = RawDelta & Steps<DeltaDiscoveryResponse>;
export type Sotw = RawSotw & Steps<DiscoveryResponse>;

/** The node of a stream's first request. */
export const node = { id: "n1", cluster: "wire" };

/** Starts a server with a first configuration. Its streams end with it. */
export async function startWorld(
  items: readonly ResourceItem[] = [],
  options: Partial<ServeXdsOptions> = {},
): Promise<World> {
  const store = createStore();
  store.update((tx) => tx.set(...items));
  const server = await serveXds({
    address: "127.0.0.1:0",
    snapshots: store,
    hitless: { lingerMs: 1, drainMs: 1 },
    ...options,
  });
  const events: XdsEvent[] = [];
  server.events$.subscribe((event) => events.push(event));
  const streams: AsyncDisposable[] = [];
  const put = (...more: readonly ResourceItem[]): void => {
    store.update((tx) => tx.set(...more));
  };
  const acks = () => events.filter(({ kind }) => kind === "acked").length;
  const accept = async <T>(stream: { next(): Promise<T>; ack(response: T): void }): Promise<T> => {
    const response = await stream.next();
    const before = acks();
    stream.ack(response);
    await eventually(() => acks() > before, { intervalMs: 1, describe: "the server hears of an ACK" });
    return response;
  };
  let probes = 0;
  const probe = (): string => {
    const typeUrl = `type.googleapis.com/wire.test.Probe${++probes}`;
    put(createOpaqueResource({ typeUrl, value: new Uint8Array() }, "probe"));
    return typeUrl;
  };
  return {
    store,
    server,
    events,
    put,
    drop(typeUrl, ...names) {
      store.update((tx) => {
        for (const name of names) tx.delete(typeUrl, name);
      });
    },
    delta(stream = {}) {
      const raw = rawXds({ address: server.address, mode: "delta", ...stream });
      streams.push(raw);
      const silence = async () => {
        raw.ack(await raw.expectSilence({ typeUrl: probe(), resourceNamesSubscribe: ["probe"] }));
      };
      return Object.assign(raw, { silence, accept: () => accept(raw) });
    },
    sotw(stream = {}) {
      const raw = rawXds({ address: server.address, mode: "sotw", ...stream });
      streams.push(raw);
      const silence = async () => {
        raw.ack(await raw.expectSilence({ typeUrl: probe(), resourceNames: ["probe"] }));
      };
      return Object.assign(raw, { silence, accept: () => accept(raw) });
    },
    async [Symbol.asyncDispose]() {
      for (const stream of streams) await stream[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

/** The names of a response's resources, sorted; one that is there twice is listed twice. */
export function namesOf(response: DeltaDiscoveryResponse | DiscoveryResponse): string[] {
  return response.resources.map(nameOf).sort();
}

/** The encoded content of one of a response's resources. */
export function bodyOf(response: DeltaDiscoveryResponse | DiscoveryResponse, name: string): Uint8Array | undefined {
  const resource = response.resources.find((one) => nameOf(one) === name);
  return resource?.$typeName === "google.protobuf.Any" ? resource.value : resource?.resource?.value;
}

function nameOf(resource: (DeltaDiscoveryResponse | DiscoveryResponse)["resources"][number]): string {
  if (resource.$typeName !== "google.protobuf.Any") return resource.name;
  const type = resourceType(resource.typeUrl);
  return type.schema === undefined ? "(opaque)" : type.nameOf(fromBinary(type.schema, resource.value));
}

/** A cluster whose content follows `revision`. */
export const cluster = (name: string, revision = 1) => edsCluster({ name, connectTimeoutMs: revision * 1000 });

/** Endpoints whose content follows `revision`. */
export const hosts = (name: string, revision = 1) => endpoints(name, [`127.0.0.1:${9000 + revision}`]);
