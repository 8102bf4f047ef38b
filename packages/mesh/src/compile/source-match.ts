import type { MessageInitShape } from "@bufbuild/protobuf";
import type { FilterStateMatcherSchema } from "@rxds/envoy-api/envoy/type/matcher/v3/filter_state";
import type { AbsoluteSource } from "./source.js";
import { SOURCE } from "./source-filters.js";

type Init = MessageInitShape<typeof FilterStateMatcherSchema>;

/** What the filter state must hold, all of it, when a caller is meant. */
export function sourceMatchers({ namespaces, workloads, labels }: AbsoluteSource): Init[] {
  const found: Init[] = [];
  if (namespaces !== undefined) {
    const [only] = namespaces;
    if (namespaces.length === 1) found.push(matcher(SOURCE.workload, { case: "prefix", value: `${only}/` }));
    else found.push(matcher(SOURCE.workload, regex(`(${namespaces.map(literal).join("|")})/.*`)));
  }
  if (workloads !== undefined) {
    const [only] = workloads;
    if (workloads.length === 1) found.push(matcher(SOURCE.workload, { case: "exact", value: only! }));
    else found.push(matcher(SOURCE.workload, regex(workloads.map(literal).join("|"))));
  }
  for (const [name, value] of labels) {
    found.push(matcher(SOURCE.labels, { case: "contains", value: `;${name}=${value};` }));
  }
  return found;
}

type Pattern =
  | { readonly case: "exact" | "prefix" | "contains"; readonly value: string }
  | { readonly case: "safeRegex"; readonly value: { readonly regex: string } };

function matcher(key: string, matchPattern: Pattern): Init {
  return { key, matcher: { case: "stringMatch", value: { matchPattern } } };
}

const regex = (text: string): Pattern => ({ case: "safeRegex", value: { regex: text } });

/** A name as a regular expression: of what may stand in one only the dot means something. */
const literal = (name: string) => name.replaceAll(".", "\\.");
