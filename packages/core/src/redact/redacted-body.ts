import { BinaryReader } from "@bufbuild/protobuf/wire";
import { encodeAny } from "../encode/any.js";
import type { Resource } from "../resource/resource.js";
import { resourceType } from "../resource/type-registry.js";
import { redactPacked } from "./redact-bytes.js";

/**
 * A resource's body, an encoded `google.protobuf.Any`, as it can be shown to people: without what may be secret. That is what
 * Envoy's API marks as sensitive, inline data, values of headers and credentials, wherever it stands; texts become
 * `[redacted]`. Packed messages that neither the builders make nor `registerResourceType` made known are shown by their type
 * alone.
 *
 * Undefined for a type that is secret as a whole, whose message is not known, or whose bytes are no such message. Works on the
 * encoded bytes: a body that hides nothing is returned as it is.
 */
export function redactedBody(resource: Resource): Uint8Array | undefined {
  const { secret, schema } = resourceType(resource.type);
  if (secret || schema === undefined) return undefined;
  try {
    const value = packedValue(resource.body);
    const shown = redactPacked(resource.type, value);
    return shown === value ? resource.body : encodeAny(resource.type, shown);
  } catch {
    return undefined;
  }
}

/** The value of an Any that `encodeAny` made: a type URL (field 1), and a value (field 2) unless it is empty. */
function packedValue(body: Uint8Array): Uint8Array {
  const reader = new BinaryReader(body);
  reader.tag();
  const length = reader.uint32();
  reader.pos += length;
  if (reader.pos >= reader.len) return new Uint8Array();
  reader.tag();
  return reader.bytes();
}
