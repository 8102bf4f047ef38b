import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import type {
  DeltaDiscoveryResponse,
  DiscoveryRequestSchema,
  DiscoveryResponse,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import {
  eventually,
  type RawDelta,
  type RawSotw,
  type RawStream,
  type RawXdsOptions,
  rawXds,
  type StreamStatus,
} from "@rxds/testkit";
import { expect } from "vitest";
import { address, deadlineMs } from "./target.js";
import { CDS, type Item, LDS, RDS, SDS, type Type, typeOf, VHDS } from "./types.js";
import type { Carrier } from "./variants.js";

/** What the tests do most. */
interface Steps<T> {
  /** Takes the next response and accepts it. */
  accept(): Promise<T>;
  /**
   * Proves that what happened so far brought no response but those that were taken: asks for something else, whose answer
   * must come first. On an aggregated stream that is a route configuration, which a server sends after all clusters,
   * endpoints and listeners; on others a further name of the same type.
   */
  silence(): Promise<void>;
}

/** A delta stream. */
export type Delta = RawDelta & Steps<DeltaDiscoveryResponse>;
/** A state-of-the-world stream. */
export type Sotw = RawSotw & Steps<DiscoveryResponse>;

/** The node of a stream's first request. Each world has another: a server may remember what a client has left unanswered. */
export const node = { id: "conformance", cluster: "conformance" };

/** How many silences an aggregated stream can prove: the route configurations that are always there. */
const MOST_SILENCES = 40;
const silent = (n: number): string => `silence-${n}`;

/** Always part of the state: what proofs of silence ask for. */
export const silences: readonly Item[] = Array.from({ length: MOST_SILENCES }, (_, n) => RDS.build(silent(n)));

/** Which stream is opened. */
export interface Where {
  readonly type: Type;
  readonly carrier: Carrier;
}

function optionsOf({ type, carrier }: Where, prefix: "Delta" | "Stream"): Omit<RawXdsOptions, "mode"> {
  if (carrier === "ADS") return { address };
  return { address, service: type.service, method: prefix + type.method };
}

/** Adds to the state: a silence on a type's own stream may need something to ask for. */
type Put = (...items: readonly Item[]) => Promise<void>;

/** Opens a delta stream. */
export function openDelta(where: Where, put: Put): Delta {
  const raw = patient(rawXds({ ...optionsOf(where, "Delta"), mode: "delta" }));
  let count = 0;
  const silence = async () => {
    const type = where.carrier === "ADS" ? RDS : where.type;
    const name = silent(count++);
    // On a type's own stream a name that nobody has will do, where the server answers for such.
    const quiet = type === SDS || type === VHDS;
    if (where.carrier !== "ADS" && quiet) await put(type.build(name));
    const there = where.carrier === "ADS" || quiet;
    const answer = await raw.expectSilence({ typeUrl: type.typeUrl, resourceNamesSubscribe: [name] });
    const expected = there ? [[name], []] : [[], [name]];
    expect([answer.resources.map((one) => one.name), answer.removedResources]).toEqual(expected);
    raw.ack(answer);
  };
  return Object.assign(raw, { silence, accept: () => accept(raw) });
}

/** Opens a state-of-the-world stream. */
export function openSotw(where: Where, put: Put): Sotw {
  const raw = patient(rawXds({ ...optionsOf(where, "Stream"), mode: "sotw" }));
  const send = raw.send;
  const asked = new Map<string, { names: readonly string[]; wildcard: boolean }>();
  raw.send = (request) => {
    const typeUrl = request.typeUrl ?? "";
    const names = [...(request.resourceNames ?? [])];
    const before = asked.get(typeUrl);
    const legacy = names.length === 0 && (before === undefined || (before.wildcard && !before.names.includes("*")));
    const full = typeUrl === CDS.typeUrl || typeUrl === LDS.typeUrl;
    asked.set(typeUrl, { names, wildcard: names.includes("*") || (legacy && full) });
    send(request);
  };
  const answer = (response: DiscoveryResponse, extra: MessageInitShape<typeof DiscoveryRequestSchema> = {}): void =>
    raw.send({
      typeUrl: response.typeUrl,
      responseNonce: response.nonce,
      versionInfo: response.versionInfo,
      resourceNames: [...(asked.get(response.typeUrl)?.names ?? [])],
      ...extra,
    });
  raw.ack = answer;
  let count = 0;
  const silence = async () => {
    const { typeUrl, build } = where.carrier === "ADS" ? RDS : where.type;
    const name = silent(count++);
    const { names = [], wildcard = false } = asked.get(typeUrl) ?? {};
    const newest = raw.received.filter((response) => response.typeUrl === typeUrl).at(-1);
    if (where.carrier !== "ADS") await put(build(name));
    if (!wildcard) {
      const { nonce = "", versionInfo = "" } = newest ?? {};
      raw.send({ typeUrl, resourceNames: [...names, name], responseNonce: nonce, versionInfo });
    }
    const response = await raw.next({ describe: "the answer to the proof of silence" });
    expect([response.typeUrl, allNamesOf(response)], "silence was expected").toEqual([
      typeUrl,
      expect.arrayContaining([name]),
    ]);
    raw.ack(response);
  };
  return Object.assign(raw, { silence, accept: () => accept(raw) });
}

/** Gives a stream the suite's deadline. */
function patient<Req extends DescMessage, Res extends DescMessage>(raw: RawStream<Req, Res>): RawStream<Req, Res> {
  const { next, nextOfType } = raw;
  raw.next = (options) => next({ deadlineMs, ...options });
  raw.nextOfType = (typeUrl, options) => nextOfType(typeUrl, { deadlineMs, ...options });
  return raw;
}

/** How the server, or this side, ended a stream. */
export async function endOf({ closed }: Delta | Sotw): Promise<StreamStatus> {
  let status: StreamStatus | undefined;
  closed.then((end) => {
    status = end;
  });
  return eventually(() => status ?? false, { deadlineMs, describe: "the end of the stream" });
}

async function accept<T>(stream: { next(): Promise<T>; ack(response: T): void }): Promise<T> {
  const response = await stream.next();
  stream.ack(response);
  return response;
}

type Resource = (DeltaDiscoveryResponse | DiscoveryResponse)["resources"][number];

function nameOf(resource: Resource): string {
  if (resource.$typeName !== "google.protobuf.Any") return resource.name;
  return typeOf(resource.typeUrl)?.nameIn(resource.value) ?? "(unknown)";
}

function allNamesOf(response: DeltaDiscoveryResponse | DiscoveryResponse): string[] {
  return response.resources.map(nameOf).sort();
}

/** The content of a response's resources by name, as text that can be compared. */
export function bodiesOf({ resources }: DeltaDiscoveryResponse | DiscoveryResponse): ReadonlyMap<string, string> {
  const body = (resource: Resource) =>
    resource.$typeName === "google.protobuf.Any" ? resource.value : (resource.resource?.value ?? new Uint8Array());
  return new Map(resources.map((resource) => [nameOf(resource), Buffer.from(body(resource)).toString("hex")]));
}

/** The names of a response's resources, sorted; one that is there twice is listed twice. Proofs of silence are left out. */
export function namesOf(response: DeltaDiscoveryResponse | DiscoveryResponse): string[] {
  return allNamesOf(response).filter((name) => !name.startsWith("silence-"));
}

/** What a delta response says: the names of resources, and of removed ones. */
export function said(response: DeltaDiscoveryResponse): [names: string[], removed: string[]] {
  return [namesOf(response), [...response.removedResources].sort()];
}
