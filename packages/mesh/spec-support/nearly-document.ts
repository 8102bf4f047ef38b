import fc from "fast-check";
import { kinds } from "../src/model/document.js";
import { good } from "./sample-documents.js";

const kind = fc.constantFrom(...Object.keys(kinds), "Mash");
const scalar = fc.constantFrom<unknown>(
  "",
  "a",
  "/",
  "/a*",
  "a/b",
  "A b",
  "1s",
  "::1",
  0,
  1,
  1.5,
  65_536,
  -1,
  true,
  false,
  null,
  [],
  {},
);

/** Good documents in which something else stands at one place, or which say to be of another kind. */
export const nearlyDocument: fc.Arbitrary<unknown> = fc
  .tuple(
    fc.constantFrom(...good.map(([, value]) => value)),
    fc.oneof(scalar, fc.jsonValue()),
    fc.array(fc.nat({ max: 11 }), { maxLength: 8 }),
    fc.option(kind, { freq: 6, nil: undefined }),
  )
  .map(([value, other, way, name]) => {
    const changed = graft(value, other, way);
    return name === undefined || typeof changed !== "object" ? changed : { ...changed, kind: name };
  });

/** A value in which something else stands at the end of a way. */
function graft(value: unknown, other: unknown, way: readonly number[]): unknown {
  const [turn, ...rest] = way;
  if (turn === undefined || typeof value !== "object" || value === null) return other;
  const keys = Object.keys(value);
  const key = keys[turn % Math.max(1, keys.length)];
  if (key === undefined) return other;
  const inner = graft(Object.entries(value).find(([name]) => name === key)?.[1], other, rest);
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...value, [key]: inner };
}
