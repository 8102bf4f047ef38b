import { absoluteName, fullName, type Named, namespaceOf, type Workload } from "../model/document.js";
import type { Source } from "../model/fields.js";

/** Callers as a policy or route means them: names are absolute, lists are sorted. Undefined: any. */
export interface AbsoluteSource {
  readonly namespaces: readonly string[] | undefined;
  readonly workloads: readonly string[] | undefined;
  readonly labels: readonly (readonly [string, string])[];
}

/** The sources of a document, with absolute names. */
export function absoluteSources(sources: readonly Source[] | undefined, document: Named): AbsoluteSource[] | undefined {
  return sources?.map(({ namespaces, workloads, labels }) => ({
    namespaces: namespaces && [...new Set(namespaces)].sort(),
    workloads: workloads && [...new Set(workloads.map((name) => absoluteName(name, document)))].sort(),
    labels: Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
  }));
}

/** Whether a workload is among some callers. */
export function isSource(workload: Workload, source: AbsoluteSource): boolean {
  const { namespaces, workloads, labels } = source;
  if (namespaces !== undefined && !namespaces.includes(namespaceOf(workload))) return false;
  if (workloads !== undefined && !workloads.includes(fullName(workload))) return false;
  const own = workload.metadata.labels ?? {};
  return labels.every(([name, value]) => own[name] === value);
}

/** Whether a workload has all of some labels. */
export function hasLabels(workload: Workload, labels: Readonly<Record<string, string>> | undefined): boolean {
  const own = workload.metadata.labels ?? {};
  for (const name in labels) if (own[name] !== labels[name]) return false;
  return true;
}
