import { fromBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { encodeAny } from "../encode/any.js";
import type { Resource } from "../resource/resource.js";
import { resourceType } from "../resource/type-registry.js";
import { redactPacked } from "./redact-message.js";

/**
 * A resource's body, an encoded `google.protobuf.Any`, as it can be shown to people: without what may be secret. That is what
 * Envoy's API marks as sensitive, inline data, values of headers and credentials, wherever it stands; texts become
 * `[redacted]`. Packed messages that neither the builders make nor `registerResourceType` made known are shown by their type
 * alone.
 *
 * Undefined for a type that is secret as a whole, whose message is not known, or whose bytes are no such message.
 */
export function redactedBody(resource: Resource): Uint8Array | undefined {
  const { secret, schema } = resourceType(resource.type);
  if (secret || schema === undefined) return undefined;
  const { typeUrl, value } = fromBinary(AnySchema, resource.body);
  const shown = redactPacked(typeUrl, value);
  if (shown === value) return resource.body;
  // Nothing is left of a message that does not decode.
  return shown.length === 0 ? undefined : encodeAny(typeUrl, shown);
}
