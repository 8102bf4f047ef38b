/** What a field of a struct is, as the programs' C declares it. */
export type FieldType = "u8" | "u16" | "u32" | "u64" | "be16" | `bytes${number}`;

/** The fields of a struct in their order. */
export type Fields = Readonly<Record<string, FieldType>>;

/** What a field is in TypeScript: ports (`be16`) and small integers are numbers, `u64` is a bigint, bytes are bytes. */
export type Value<T extends FieldType> = T extends "u64" ? bigint : T extends `bytes${number}` ? Uint8Array : number;

/** A struct as a value; fields that are left out are zero. */
export type StructValue<F extends Fields> = { readonly [K in keyof F]: Value<F[K]> };

/** Where a field is. */
export interface FieldLayout {
  readonly name: string;
  readonly type: FieldType;
  /** In bytes, from the start of the struct. */
  readonly offset: number;
  /** In bytes. */
  readonly size: number;
}

/** A struct that programs and user space share. */
export interface Struct<F extends Fields> {
  /** Its tag in C. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly fields: readonly FieldLayout[];
  /** A value as bytes; fields that are left out are zero. `into` at `offset` is written, without allocating. */
  encode(value: Partial<StructValue<F>>, into?: Buffer, offset?: number): Buffer;
  /** The value at an offset. Bytes are copied. */
  decode(from: Buffer, offset?: number): StructValue<F>;
}

/**
 * Declares a struct with the natural alignment of C on 64-bit little-endian machines.
 *
 * @throws Error when a field would need padding that is not declared, or the end of the struct would.
 */
export function struct<const F extends Fields>(name: string, fields: F): Struct<F> {
  const layout: FieldLayout[] = [];
  let size = 0;
  let widest = 1;
  for (const [field, type] of Object.entries(fields)) {
    const { size: bytes, alignment } = measure(type);
    if (size % alignment !== 0) throw new Error(`expected struct ${name} to declare the padding before ${field}`);
    layout.push({ name: field, type, offset: size, size: bytes });
    size += bytes;
    widest = Math.max(widest, alignment);
  }
  if (size % widest !== 0) throw new Error(`expected struct ${name} to declare the padding at its end`);
  return {
    name,
    size,
    fields: layout,
    encode(value, into = Buffer.alloc(size), offset = 0) {
      const given = value as Readonly<Record<string, unknown>>;
      for (const field of layout) write(into, offset + field.offset, field, given[field.name]);
      return into;
    },
    decode(from, offset = 0) {
      const value: Record<string, unknown> = {};
      for (const field of layout) value[field.name] = read(from, offset + field.offset, field);
      return value as StructValue<F>;
    },
  };
}

function measure(type: FieldType): { size: number; alignment: number } {
  switch (type) {
    case "u8":
      return { size: 1, alignment: 1 };
    case "u16":
    case "be16":
      return { size: 2, alignment: 2 };
    case "u32":
      return { size: 4, alignment: 4 };
    case "u64":
      return { size: 8, alignment: 8 };
    default:
      return { size: Number(type.slice("bytes".length)), alignment: 1 };
  }
}

function write(into: Buffer, at: number, { type, size, name }: FieldLayout, value: unknown): void {
  if (type === "u64") into.writeBigUInt64LE((value as bigint | undefined) ?? 0n, at);
  else if (type === "u32") into.writeUInt32LE((value as number | undefined) ?? 0, at);
  else if (type === "u16") into.writeUInt16LE((value as number | undefined) ?? 0, at);
  else if (type === "be16") into.writeUInt16BE((value as number | undefined) ?? 0, at);
  else if (type === "u8") into.writeUInt8((value as number | undefined) ?? 0, at);
  else {
    const bytes = value as Uint8Array | undefined;
    if (bytes !== undefined && bytes.length > size) {
      throw new RangeError(`expected at most ${size} bytes for ${name}, got ${bytes.length}`);
    }
    into.fill(0, at, at + size);
    if (bytes !== undefined) into.set(bytes, at);
  }
}

function read(from: Buffer, at: number, { type, size }: FieldLayout): unknown {
  if (type === "u64") return from.readBigUInt64LE(at);
  if (type === "u32") return from.readUInt32LE(at);
  if (type === "u16") return from.readUInt16LE(at);
  if (type === "be16") return from.readUInt16BE(at);
  if (type === "u8") return from.readUInt8(at);
  return new Uint8Array(from.subarray(at, at + size));
}
