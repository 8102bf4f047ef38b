import type { DocumentProblemCode } from "./document-problem.js";

/** One step down in a document: a key of a map, or a position in a list. */
export type Step = string | number;

/** What is wrong in one document, before it is known where that document stands in a text. */
export interface Finding {
  readonly code: DocumentProblemCode;
  /** The place in the document. */
  readonly steps: readonly Step[];
  /** Whether it is about the key at the end of the steps, or about the value. */
  readonly what: "key" | "value";
  readonly expected: string;
  readonly message: string;
  readonly suggestion?: string | undefined;
}

/** A finding about a value that should be something else. */
export function unexpected(
  code: DocumentProblemCode,
  steps: readonly Step[],
  expected: string,
  value: unknown,
  what: Finding["what"] = "value",
): Finding {
  return { code, steps, what, expected, message: `expected ${expected}, got ${shown(value, steps)}` };
}

/** Fields under which people write what is nobody else's business, such as tokens in headers. */
const PRIVATE: ReadonlySet<Step> = new Set(["requestHeaders", "responseHeaders", "headers", "query", "annotations"]);
const SHOWN = 80;

/** A value for people: what it is, and what it says unless that may be private or is long. */
function shown(value: unknown, steps: readonly Step[]): string {
  if (value === null) return "nothing (null)";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return Object.keys(value).length === 0 ? "an empty map" : "a map";
  const what = typeof value === "string" ? "a text" : typeof value === "number" ? "a number" : "a value";
  const text = typeof value === "string" ? value : String(value);
  if (steps.some((step) => PRIVATE.has(step)) || text.length > SHOWN) return what;
  return typeof value === "string" ? `${JSON.stringify(value)}` : text;
}
