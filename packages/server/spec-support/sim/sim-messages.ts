import { hash } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import type { Node } from "@rxds/envoy-api/envoy/config/core/v3/base";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { type Facts, factsOf } from "./facts.js";

/** The variants of the protocol. */
export type SimProtocol = "delta" | "sotw";

/** A resource as it arrives. */
export interface SimResource {
  readonly name: string;
  /** In delta what the server calls this content. */
  readonly version: string;
  /** Equal for equal content. */
  readonly content: string;
  readonly facts: Facts;
}

/** A response of either variant. */
export interface SimResponse {
  readonly type: string;
  readonly nonce: string;
  /** State of the world: `version_info`. */
  readonly version: string;
  readonly resources: readonly SimResource[];
  /** Delta. */
  readonly removed: readonly string[];
}

/** A request of either variant. */
export interface SimRequest {
  readonly type: string;
  /** Why it is said: the first request of a type on a stream, other names, or the answer to a response. */
  readonly about: "first" | "names" | "answer";
  readonly nonce: string;
  /** State of the world: the last accepted version. */
  readonly version: string;
  /** State of the world: all names that are wanted. Delta: those that are wanted from now on. */
  readonly names: readonly string[];
  /** Delta: the names that are no longer wanted. */
  readonly unsubscribe: readonly string[];
  /** Delta, in the first request of a stream: what was accepted on an earlier one. */
  readonly initialVersions: Readonly<Record<string, string>>;
  /** A rejection. */
  readonly error: string | undefined;
}

const decoded = new WeakMap<Uint8Array, Pick<SimResource, "content" | "facts">>();

/** A resource from the bytes of its Any. */
export function simResource(name: string, version: string, body: Uint8Array): SimResource {
  let known = decoded.get(body);
  if (known === undefined) {
    known = { content: hash("sha256", body, "base64url"), facts: factsOf(fromBinary(AnySchema, body)) };
    decoded.set(body, known);
  }
  return { name, version, ...known };
}

/** A response from its bytes. */
export function readSimResponse(protocol: SimProtocol, bytes: Uint8Array): SimResponse {
  if (protocol === "delta") {
    const {
      typeUrl: type,
      nonce,
      resources,
      removedResources: removed,
    } = fromBinary(DeltaDiscoveryResponseSchema, bytes);
    const bodies = resources.map(({ name, version, resource }) =>
      simResource(name, version, toBinary(AnySchema, resource ?? create(AnySchema))),
    );
    return { type, nonce, version: "", resources: bodies, removed };
  }
  const { typeUrl: type, nonce, versionInfo: version, resources } = fromBinary(DiscoveryResponseSchema, bytes);
  const bodies = resources.map((any) => simResource(nameIn(any.value), "", toBinary(AnySchema, any)));
  return { type, nonce, version, resources: bodies, removed: [] };
}

/** The first field of every type that is simulated is its name. */
function nameIn(value: Uint8Array): string {
  // Names are shorter than 128 bytes here: their length is one byte.
  return Buffer.from(value.subarray(2, 2 + (value[1] ?? 0))).toString();
}

/** The bytes of a request; with `node` in the first one of a stream. */
export function writeSimRequest(protocol: SimProtocol, request: SimRequest, node?: Node): Buffer {
  const { type: typeUrl, nonce: responseNonce, error } = request;
  const common = {
    typeUrl,
    responseNonce,
    ...(node && { node }),
    ...(error && { errorDetail: { code: 13, message: error } }),
  };
  if (protocol === "sotw") {
    const message = { ...common, versionInfo: request.version, resourceNames: [...request.names] };
    return Buffer.from(toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, message)));
  }
  const message = create(DeltaDiscoveryRequestSchema, {
    ...common,
    resourceNamesSubscribe: [...request.names],
    resourceNamesUnsubscribe: [...request.unsubscribe],
    initialResourceVersions: request.initialVersions,
  });
  return Buffer.from(toBinary(DeltaDiscoveryRequestSchema, message));
}
