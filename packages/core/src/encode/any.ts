import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { encodeMessage } from "./encode-message.js";

const utf8 = new TextEncoder();
const typeUrlTag = (1 << 3) | 2;
const valueTag = (2 << 3) | 2;

/**
 * The message as a `google.protobuf.Any` with the type URL `type.googleapis.com/<type name>` and the bytes of
 * `encodeMessage`: the same message always gives the same bytes.
 */
export function packAny<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Any {
  return create(AnySchema, {
    typeUrl: `type.googleapis.com/${schema.typeName}`,
    value: encodeMessage(schema, message),
  });
}

/**
 * Creates a message and packs it: the usual value of Envoy's `typed_config` fields.
 *
 * ```ts
 * { name: "envoy.filters.http.router", configType: { case: "typedConfig", value: typedConfig(RouterSchema, {}) } }
 * ```
 */
export function typedConfig<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Any {
  return packAny(schema, create(schema, init));
}

/**
 * The binary form of a `google.protobuf.Any`, built in one allocation of exactly its size (never a slice of a shared
 * pool). Equal to `toBinary(AnySchema, ...)`.
 */
export function encodeAny(typeUrl: string, value: Uint8Array): Uint8Array<ArrayBuffer> {
  const typeUrlLength = Buffer.byteLength(typeUrl);
  const bytes = new Uint8Array(fieldSize(typeUrlLength) + fieldSize(value.length));
  let at = 0;
  if (typeUrlLength > 0) {
    at = writeHeader(bytes, at, typeUrlTag, typeUrlLength);
    utf8.encodeInto(typeUrl, bytes.subarray(at));
    at += typeUrlLength;
  }
  if (value.length > 0) bytes.set(value, writeHeader(bytes, at, valueTag, value.length));
  return bytes;
}

/** Size of a field with its tag (both tags fit one byte) and length; an empty field is not written. */
function fieldSize(length: number): number {
  if (length === 0) return 0;
  let size = 2 + length;
  for (let rest = length >>> 7; rest > 0; rest >>>= 7) size++;
  return size;
}

function writeHeader(bytes: Uint8Array, at: number, tag: number, length: number): number {
  bytes[at++] = tag;
  for (; length > 0x7f; length >>>= 7) bytes[at++] = (length & 0x7f) | 0x80;
  bytes[at++] = length;
  return at;
}
