import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { type Kind, kindOf, type Sample, sampleOf } from "./samples.js";

/** A response of either protocol, as far as the tests look at it. */
export interface Response {
  readonly kind: Kind;
  readonly nonce: string;
  /** `version_info`; of delta `system_version_info`. */
  readonly version: string;
  /** The resources; `version` is of delta only. */
  readonly resources: readonly (Sample & { readonly version: string })[];
  /** `removed_resources`; of delta only. */
  readonly removed: readonly string[];
}

/** The type URL of a response. */
export function typeOf(protocol: "sotw" | "delta", bytes: Uint8Array): string {
  return fromBinary(protocol === "delta" ? DeltaDiscoveryResponseSchema : DiscoveryResponseSchema, bytes).typeUrl;
}

/** The nonce of a response of a type that has no resources. @throws when there are some. */
export function readEmpty(protocol: "sotw" | "delta", bytes: Uint8Array): string {
  const response = fromBinary(protocol === "delta" ? DeltaDiscoveryResponseSchema : DiscoveryResponseSchema, bytes);
  if (response.resources.length > 0) throw new Error(`resources of ${response.typeUrl}`);
  return response.nonce;
}

/** Reads a response. @throws when it breaks a rule that holds for every response. */
export function readResponse(protocol: "sotw" | "delta", bytes: Uint8Array): Response {
  const response = protocol === "delta" ? readDelta(bytes) : readSotw(bytes);
  if (response.nonce === "") throw new Error("a response without a nonce");
  const names = [...response.resources.map(({ name }) => name), ...response.removed];
  if (new Set(names).size < names.length) throw new Error(`a response with a name twice: ${names.join(" ")}`);
  for (const { kind } of response.resources) {
    if (kind !== response.kind) throw new Error(`a ${kind} in a response of ${response.kind}`);
  }
  return response;
}

function readDelta(bytes: Uint8Array): Response {
  const response = fromBinary(DeltaDiscoveryResponseSchema, bytes);
  const resources = response.resources.map(({ name, version, resource }) => {
    const sample = sampleOf(resource!);
    if (sample.name !== name) throw new Error(`resource ${name} holds ${sample.name}`);
    if (version === "") throw new Error(`resource ${name} has no version`);
    return { ...sample, version };
  });
  const { nonce, systemVersionInfo: version, removedResources: removed } = response;
  return { kind: kindOf(response.typeUrl), nonce, version, resources, removed };
}

function readSotw(bytes: Uint8Array): Response {
  const { nonce, versionInfo: version, typeUrl, resources } = fromBinary(DiscoveryResponseSchema, bytes);
  if (version === "") throw new Error("a response without a version");
  return {
    kind: kindOf(typeUrl),
    nonce,
    version,
    resources: resources.map((any) => ({ ...sampleOf(any), version: "" })),
    removed: [],
  };
}

/** What requests of both protocols may say. */
interface RequestParts {
  readonly node?: { readonly id: string; readonly cluster: string };
  readonly typeUrl?: string;
  readonly responseNonce?: string;
  readonly errorDetail?: { readonly code: number; readonly message: string };
}

/** The parts of a DiscoveryRequest that the tests use. */
export interface SotwParts extends RequestParts {
  readonly versionInfo?: string;
  readonly resourceNames?: string[];
}

/** The parts of a DeltaDiscoveryRequest that the tests use. */
export interface DeltaParts extends RequestParts {
  readonly resourceNamesSubscribe?: string[];
  readonly resourceNamesUnsubscribe?: string[];
  readonly initialResourceVersions?: { [name: string]: string };
}

/** Encodes a DiscoveryRequest. */
export function sotwRequest(parts: SotwParts): Buffer {
  return Buffer.from(toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, parts)));
}

/** Encodes a DeltaDiscoveryRequest. */
export function deltaRequest(parts: DeltaParts): Buffer {
  return Buffer.from(toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, parts)));
}

/** A response in one line. */
export function describeResponse({ kind, nonce, resources, removed, version }: Response): string {
  const said = [...resources.map(({ name, value }) => `${name}=${value}`), ...removed.map((name) => `-${name}`)];
  const shown = said.length > 20 ? [...said.slice(0, 20), `… ${said.length}`] : said;
  return `${kind} [${shown.join(" ")}] nonce ${nonce} version ${version}`;
}
