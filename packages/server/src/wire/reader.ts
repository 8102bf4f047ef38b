/** Bytes that are no protobuf message, or not the one expected. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** A cursor over an encoded protobuf message. Fields are read in place; nothing is copied. */
export interface Reader {
  readonly bytes: Buffer;
  at: number;
  readonly end: number;
}

/** Reads a varint of at most 53 bits; higher bits are lost. */
export function readVarint(reader: Reader): number {
  let value = 0;
  let scale = 1;
  for (let i = 0; i < 10; i++) {
    if (reader.at >= reader.end) throw new WireError("the message ends inside a number");
    const byte = reader.bytes[reader.at++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  throw new WireError("a number is longer than ten bytes");
}

/** Reads the length of a length-delimited field and returns where its content ends; the reader stands at its start. */
export function readEnd(reader: Reader): number {
  const length = readVarint(reader);
  const end = reader.at + length;
  if (end > reader.end) throw new WireError("a field is longer than its message");
  return end;
}

/** Skips a field's value. */
export function skipField(reader: Reader, wireType: number): void {
  switch (wireType) {
    case 0:
      readVarint(reader);
      return;
    case 1:
      reader.at += 8;
      break;
    case 2:
      reader.at = readEnd(reader);
      return;
    case 5:
      reader.at += 4;
      break;
    default:
      throw new WireError(`wire type ${wireType} is not known`);
  }
  if (reader.at > reader.end) throw new WireError("the message ends inside a field");
}

/** Reads a length-delimited field as a string. */
export function readString(reader: Reader): string {
  const start = reader.at;
  const end = readEnd(reader);
  const from = reader.at;
  reader.at = end;
  return start === end ? "" : reader.bytes.toString("utf8", from, end);
}

/** Reads a length-delimited field as a view of the message's bytes. */
export function readBytes(reader: Reader): Buffer {
  const end = readEnd(reader);
  const bytes = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return bytes;
}
