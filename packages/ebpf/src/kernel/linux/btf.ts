import { HOW_TO_BUILD, RedirectError } from "../../errors.js";
import type { FieldLayout } from "../../layout/struct.js";
import { libbpf } from "./libbpf.js";
import { native } from "./syscall.js";

/** The kind of a struct in BTF (kernel: Documentation/bpf/btf.rst). */
const BTF_KIND_STRUCT = 4;
/** In bytes: of what a type begins with, and of each member after it. */
const TYPE_SIZE = 12;
const MEMBER_SIZE = 12;

/** A struct as declared in TypeScript, or as BTF tells it. */
export interface StructLayout {
  readonly name: string;
  readonly size: number;
  readonly fields: readonly Pick<FieldLayout, "name" | "offset" | "size">[];
}

/**
 * Compares structs with the BTF of an object.
 *
 * @throws RedirectError `layout` that names each struct and field that differs; `missing` for a file without BTF
 */
export function checkLayout(object: string, structs: readonly StructLayout[]): void {
  const problems = readStructs(
    object,
    structs.map(({ name }) => name),
  ).flatMap((found, i) => {
    const expected = structs[i];
    return expected === undefined ? [] : differences(expected, found);
  });
  if (problems.length > 0) {
    throw new RedirectError("layout", `expected ${object} to have this version's structs: ${problems.join("; ")}`, {
      path: object,
    });
  }
}

function differences(expected: StructLayout, found: StructLayout | undefined): string[] {
  const { name, size, fields } = expected;
  if (found === undefined) return [`struct ${name} is missing`];
  const problems = found.size === size ? [] : [`struct ${name} has ${found.size} bytes, expected ${size}`];
  for (const [i, field] of fields.entries()) {
    const there = found.fields[i];
    const is = there === undefined ? "nothing" : `${there.name} (${there.size} bytes at ${there.offset})`;
    const should = `${field.name} (${field.size} bytes at ${field.offset})`;
    if (is !== should) problems.push(`struct ${name} has ${is}, expected ${should}`);
  }
  for (const { name: more } of found.fields.slice(fields.length)) problems.push(`struct ${name} has ${more} as well`);
  return problems;
}

/** Structs of an object by their names; undefined where there is none. */
export function readStructs(object: string, names: readonly string[]): (StructLayout | undefined)[] {
  const lib = libbpf();
  const { koffi } = native();
  const btf = lib.parseBtf(object, null);
  if (!btf) {
    throw new RedirectError("missing", `expected an object with BTF at ${object}: ${HOW_TO_BUILD}`, { path: object });
  }
  try {
    return names.map((name) => {
      const id = Number(lib.findType(btf, name, BTF_KIND_STRUCT));
      if (id < 0) return undefined;
      const type = lib.typeById(btf, id);
      const word = (offset: number) => Number(koffi.decode(type, offset, "uint32_t"));
      const count = word(4) & 0xffff;
      const fields = Array.from({ length: count }, (_, i) => {
        const at = TYPE_SIZE + i * MEMBER_SIZE;
        return {
          name: String(lib.nameByOffset(btf, word(at))),
          size: Number(lib.resolveSize(btf, word(at + 4))),
          offset: word(at + 8) / 8,
        };
      });
      return { name, size: word(8), fields };
    });
  } finally {
    lib.freeBtf(btf);
  }
}
