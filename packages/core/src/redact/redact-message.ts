import { type DescField, type DescMessage, fromBinary, isMessage, ScalarType, toBinary } from "@bufbuild/protobuf";
import { isReflectMessage, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { isSecretField, isSecretMessage } from "../load/sensitive.js";
import { resourceType } from "../resource/type-registry.js";
import { shownType } from "./shown-types.js";

/** What stands in the place of a secret: also what Envoy's own dumps say. */
const REDACTED = "[redacted]";
const REDACTED_BYTES = new TextEncoder().encode(REDACTED);

/** Parts of messages that may be secret which are not: they say where a value is, or what it is called. */
const SHOWN: ReadonlySet<string> = new Set([
  "envoy.config.core.v3.DataSource.filename",
  "envoy.config.core.v3.DataSource.environment_variable",
  "envoy.config.core.v3.HeaderValue.key",
]);

/** Messages that may hold any other in a form that is not looked into. */
const OPAQUE: ReadonlySet<string> = new Set(["xds.type.v3.TypedStruct", "udpa.type.v1.TypedStruct"]);

/**
 * Takes out of a message, in place, what may be secret: fields that Envoy's API marks as sensitive, data sources, values of
 * headers and credentials, also in packed messages. Texts become `[redacted]`, other values their defaults. Packed messages
 * of a type that is not known here lose their content, and unknown fields are dropped.
 *
 * `secret`: everything in it is. Returns whether anything was taken out.
 */
export function redactMessage(message: ReflectMessage, secret: boolean): boolean {
  const { desc } = message;
  if (desc.typeName === AnySchema.typeName) return redactAny(message, secret);
  const hidden = secret || isSecretMessage(desc.typeName) || OPAQUE.has(desc.typeName);
  const unknown = message.getUnknown();
  let changed = unknown !== undefined && unknown.length > 0;
  if (changed) message.setUnknown([]);
  for (const field of desc.fields) {
    if (!message.isSet(field)) continue;
    const hide = (hidden || isSecretField(field)) && !SHOWN.has(`${desc.typeName}.${field.name}`);
    if (redactField(message, field, hide)) changed = true;
  }
  return changed;
}

function redactField(message: ReflectMessage, field: DescField, hide: boolean): boolean {
  const inner = field.message;
  if (inner === undefined || isPlain(inner)) return hide && redactValue(message, field);
  if (field.fieldKind === "message") return redactMessage(message.get(field), hide);
  if (field.fieldKind !== "list" && field.fieldKind !== "map") return false;
  let changed = false;
  const values: Iterable<unknown> = message.get(field).values();
  for (const value of values) if (isReflectMessage(value) && redactMessage(value, hide)) changed = true;
  return changed;
}

/** Hides a value that is not looked into. */
function redactValue(message: ReflectMessage, field: DescField): true {
  if (field.fieldKind === "scalar" && field.scalar === ScalarType.STRING) message.set(field, REDACTED);
  else if (field.fieldKind === "scalar" && field.scalar === ScalarType.BYTES) message.set(field, REDACTED_BYTES);
  else message.clear(field);
  return true;
}

/** Whether it is one of protobuf's own messages, which stand for plain values: wrappers, durations, structs. */
function isPlain({ typeName }: DescMessage): boolean {
  return typeName.startsWith("google.protobuf.") && typeName !== AnySchema.typeName;
}

/** Looks into a packed message, and packs it again when something was taken out. */
function redactAny(reflected: ReflectMessage, secret: boolean): boolean {
  const any = reflected.message;
  if (!isMessage(any, AnySchema) || any.value.length === 0) return false;
  const redacted = secret || resourceType(any.typeUrl).secret ? NOTHING : redactPacked(any.typeUrl, any.value);
  if (redacted === any.value) return false;
  any.value = redacted;
  return true;
}

const NOTHING = new Uint8Array();

/** A packed message without what may be secret: the same bytes when there is nothing; none when it can't be looked into. */
export function redactPacked(typeUrl: string, value: Uint8Array): Uint8Array {
  const schema = shownType(typeUrl);
  if (schema === undefined) return NOTHING;
  try {
    const message = reflect(schema, fromBinary(schema, value));
    return redactMessage(message, false) ? toBinary(schema, message.message) : value;
  } catch {
    return NOTHING;
  }
}
