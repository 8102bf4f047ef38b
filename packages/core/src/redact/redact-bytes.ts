import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { resourceType } from "../resource/type-registry.js";
import { isWritten, type Plan, planOf, type Treatment } from "./redaction-plan.js";
import { shownType } from "./shown-types.js";

/** What stands in the place of a secret: also what Envoy's own dumps say. */
const REDACTED = new TextEncoder().encode("[redacted]");
const NOTHING = new Uint8Array();

/**
 * The value of a packed message without what may be secret, worked out on the encoded bytes: the very same when there is
 * nothing to hide, and none when its type is not known here or is secret as a whole.
 * @throws Error when the bytes are no message.
 */
export function redactPacked(typeUrl: string, value: Uint8Array): Uint8Array {
  const schema = resourceType(typeUrl).secret ? undefined : shownType(typeUrl);
  return schema === undefined ? NOTHING : redactFields(value, planOf(schema, false));
}

/** The fields of a message, treated as planned; unknown ones are left out. */
function redactFields(bytes: Uint8Array, plan: Plan): Uint8Array {
  const reader = new BinaryReader(bytes);
  let writer: BinaryWriter | undefined;
  /** Up to here, what is not in the writer yet stays as it is from `kept` on. */
  let kept = 0;
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    const treatment = plan.get(number);
    if (treatment?.kind === "keep") {
      skip(reader, wireType, number);
      continue;
    }
    const expected = treatment !== undefined && isWritten(treatment, wireType);
    const content = expected && treatment.length ? reader.bytes() : undefined;
    if (content === undefined) skip(reader, wireType, number);
    const shown = content && treatment && redactField(content, treatment);
    if (shown !== undefined && shown === content) continue;
    writer ??= new BinaryWriter();
    writer.raw(bytes.subarray(kept, start));
    if (shown !== undefined) writer.tag(number, WireType.LengthDelimited).bytes(shown);
    kept = reader.pos;
  }
  return writer === undefined ? bytes : writer.raw(bytes.subarray(kept)).finish();
}

/** What stands in the place of a field's content; undefined: nothing. */
function redactField(content: Uint8Array, treatment: Treatment): Uint8Array | undefined {
  switch (treatment.kind) {
    case "replace":
      return REDACTED;
    case "message":
      return redactFields(content, treatment.plan);
    case "any":
      return redactAny(content, treatment.hidden);
    default:
      return undefined;
  }
}

/** google.protobuf.Any: type_url = 1, value = 2. */
function redactAny(bytes: Uint8Array, hidden: boolean): Uint8Array {
  const reader = new BinaryReader(bytes);
  let typeUrl = "";
  let value: Uint8Array = NOTHING;
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === 1 && wireType === WireType.LengthDelimited) typeUrl = reader.string();
    else if (number === 2 && wireType === WireType.LengthDelimited) value = reader.bytes();
    else skip(reader, wireType, number);
  }
  const shown = hidden ? NOTHING : shownValue(typeUrl, value);
  if (shown === value) return bytes;
  const writer = new BinaryWriter().tag(1, WireType.LengthDelimited).string(typeUrl);
  if (shown.length > 0) writer.tag(2, WireType.LengthDelimited).bytes(shown);
  return writer.finish();
}

/** What can't be looked into is not shown; the message around it is. */
function shownValue(typeUrl: string, value: Uint8Array): Uint8Array {
  try {
    return redactPacked(typeUrl, value);
  } catch {
    return NOTHING;
  }
}

/** Skips a field without making a view of it. */
function skip(reader: BinaryReader, wireType: WireType, number: number): void {
  if (wireType !== WireType.LengthDelimited) {
    reader.skip(wireType, number);
    return;
  }
  const length = reader.uint32();
  reader.pos += length;
  if (reader.pos > reader.len) throw new RangeError("a field is longer than its message");
}
