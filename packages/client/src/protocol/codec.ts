import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { durationMs } from "@bufbuild/protobuf/wkt";
import type { Node } from "@rxds/envoy-api/envoy/config/core/v3/base";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  type Resource,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { XdsClientError } from "../error.js";
import type { DeltaRequest, DeltaResponse, WireResource } from "./messages.js";

/** Encodes a request, with the node where it must be told. */
export function encodeRequest(request: DeltaRequest, node: Node | undefined): Buffer {
  const bytes = toBinary(
    DeltaDiscoveryRequestSchema,
    create(DeltaDiscoveryRequestSchema, {
      ...(node === undefined ? {} : { node }),
      typeUrl: request.typeUrl,
      resourceNamesSubscribe: [...request.subscribe],
      resourceNamesUnsubscribe: [...request.unsubscribe],
      initialResourceVersions: Object.fromEntries(request.initialResourceVersions),
      responseNonce: request.responseNonce,
      ...(request.error === undefined ? {} : { errorDetail: request.error }),
    }),
  );
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Decodes a response. Names with dynamic parameter constraints are taken by their plain name.
 *
 * @throws XdsClientError `undecodable`; such bytes have no nonce, so that they cannot be refused by a NACK.
 */
export function decodeResponse(bytes: Uint8Array): DeltaResponse {
  try {
    const message = fromBinary(DeltaDiscoveryResponseSchema, bytes, { readUnknownFields: false });
    return {
      typeUrl: message.typeUrl,
      nonce: message.nonce,
      resources: message.resources.map(wireResource),
      removed: [...message.removedResources, ...message.removedResourceNames.map(({ name }) => name)],
      errors: message.resourceErrors.map(({ resourceName, errorDetail }) => ({
        name: resourceName?.name ?? "",
        code: errorDetail?.code ?? 0,
        message: errorDetail?.message ?? "",
      })),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new XdsClientError(
      "undecodable",
      `the server sent no valid DeltaDiscoveryResponse: ${reason}`,
      {},
      { cause },
    );
  }
}

function wireResource(message: Resource): WireResource {
  const { resource, ttl } = message;
  return {
    name: message.name === "" ? (message.resourceName?.name ?? "") : message.name,
    version: message.version,
    aliases: message.aliases,
    ...(resource === undefined ? {} : { body: { typeUrl: resource.typeUrl, value: resource.value } }),
    ...(ttl === undefined ? {} : { ttlMs: durationMs(ttl) }),
  };
}
