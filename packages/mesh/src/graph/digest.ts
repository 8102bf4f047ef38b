import { createHash } from "node:crypto";

const LANES = 4;
const known = new Map<string, Uint32Array>();
/** The hashes of names are kept up to this number. */
const MOST_KNOWN = 100_000;

/** Tells sets of names apart, whatever the order in which names came and went: a sum of their hashes, 128 bits wide. */
export class SetDigest {
  readonly #lanes = new Uint32Array(LANES);

  add(name: string): void {
    const lanes = hashOf(name);
    for (let i = 0; i < LANES; i++) this.#lanes[i]! += lanes[i]!;
  }

  delete(name: string): void {
    const lanes = hashOf(name);
    for (let i = 0; i < LANES; i++) this.#lanes[i]! -= lanes[i]!;
  }

  toString(): string {
    return this.#lanes.join(".");
  }
}

function hashOf(name: string): Uint32Array {
  let lanes = known.get(name);
  if (lanes === undefined) {
    if (known.size >= MOST_KNOWN) known.clear();
    const hash = createHash("sha256").update(name).digest();
    lanes = Uint32Array.from({ length: LANES }, (_, i) => hash.readUInt32LE(i * 4));
    known.set(name, lanes);
  }
  return lanes;
}
