import { suggest } from "@rxds/core/yaml";
import { API_VERSION, documentKey, type Kind, kinds, type MeshDocument } from "../model/document.js";
import { findingsOf } from "./check-issues.js";
import { type Finding, type Step, unexpected } from "./finding.js";
import { frozen } from "./frozen.js";
import { either } from "./schema-text.js";

/** A document, or what is wrong with a value that should be one. */
export type Checked =
  | { readonly document: MeshDocument; readonly findings?: undefined }
  | { readonly document?: undefined; readonly findings: readonly Finding[] };

/** More than so many things in one document are not worth telling. */
const MOST = 100;

/** Checks a value, and makes a document of it that shares nothing with the value and cannot be changed. */
export function checkDocument(value: unknown): Checked {
  if (!isMap(value)) {
    return { findings: [unexpected("not-a-document", [], "a map with apiVersion, kind, metadata and spec", value)] };
  }
  const hidden = findHidden(value);
  if (hidden.length > 0) return { findings: hidden.slice(0, MOST) };
  const { apiVersion, kind } = value;
  if (apiVersion !== undefined && apiVersion !== API_VERSION) {
    // Something else's document: what it holds is not ours to judge.
    return { findings: [unexpected("unknown-version", ["apiVersion"], JSON.stringify(API_VERSION), apiVersion)] };
  }
  const names = Object.keys(kinds);
  if (!isKind(kind)) {
    const expected = either(names);
    if (kind === undefined) return { findings: [missingKind(expected)] };
    const finding = unexpected("unknown-kind", ["kind"], expected, kind);
    return { findings: [{ ...finding, suggestion: typeof kind === "string" ? suggest(kind, names) : undefined }] };
  }
  const schema = kinds[kind];
  const { success, data, error } = schema.safeParse(value);
  if (success) return { document: frozen(data) };
  return { findings: findingsOf(error.issues.slice(0, MOST), { schema, value, steps: [] }).slice(0, MOST) };
}

/** What a value would be called if it were a document, as far as it says: `"Route default/web"`. */
export function keyOf(value: unknown): string | undefined {
  if (!isMap(value) || !isKind(value.kind) || !isMap(value.metadata)) return undefined;
  const { name, namespace } = value.metadata;
  if (typeof name !== "string" || name.length > 253) return undefined;
  const metadata = typeof namespace === "string" && namespace.length <= 253 ? { name, namespace } : { name };
  return documentKey({ kind: value.kind, metadata } as MeshDocument);
}

function missingKind(expected: string): Finding {
  return { code: "missing-field", steps: ["kind"], what: "value", expected, message: `missing; expected ${expected}` };
}

/** Keys that objects of JavaScript treat in a way of their own, which the schemas therefore pass over. */
function findHidden(value: object): Finding[] {
  const found: Finding[] = [];
  const seen = new Set<object>();
  const stack: { at: object; steps: readonly Step[] }[] = [{ at: value, steps: [] }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { at, steps } = next;
    if (seen.has(at)) continue;
    seen.add(at);
    if (Object.hasOwn(at, "__proto__")) {
      const expected = "another name";
      const message = "this name cannot be used";
      found.push({ code: "unknown-field", steps: [...steps, "__proto__"], what: "key", expected, message });
    }
    for (const [key, below] of Object.entries(at)) {
      if (typeof below !== "object" || below === null || steps.length >= DEEPEST) continue;
      stack.push({ at: below, steps: [...steps, Array.isArray(at) ? Number(key) : key] });
    }
  }
  return found;
}

/** Deeper than any field: what is below is not looked at by the schemas either. */
const DEEPEST = 16;

function isKind(value: unknown): value is Kind {
  return typeof value === "string" && Object.hasOwn(kinds, value);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
