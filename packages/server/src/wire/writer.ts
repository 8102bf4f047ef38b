/** The size of a varint. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** The size of a length-delimited field whose number is at most 15. */
export function fieldSize(length: number): number {
  return 1 + varintSize(length) + length;
}

/** Writes a varint and returns where it ends. */
export function writeVarint(into: Buffer, at: number, value: number): number {
  while (value > 0x7f) {
    into[at++] = (value % 128) | 0x80;
    value = Math.floor(value / 128);
  }
  into[at++] = value;
  return at;
}

/** Writes the tag and length of a length-delimited field. */
export function writeHeader(into: Buffer, at: number, field: number, length: number): number {
  into[at++] = (field << 3) | 2;
  return writeVarint(into, at, length);
}

/** Writes a string field of a known byte length. */
export function writeString(into: Buffer, at: number, field: number, value: string, length: number): number {
  at = writeHeader(into, at, field, length);
  // Most names are ASCII, and Latin-1 is several times quicker than UTF-8 for them.
  into.write(value, at, length, length === value.length ? "latin1" : "utf8");
  return at + length;
}

/** Writes a bytes field. */
export function writeBytes(into: Buffer, at: number, field: number, value: Uint8Array): number {
  at = writeHeader(into, at, field, value.length);
  into.set(value, at);
  return at + value.length;
}
