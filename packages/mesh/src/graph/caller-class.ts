import { absoluteSources, hasLabels, isSource } from "../compile/source.js";
import { labelsText } from "../compile/source-filters.js";
import { type EgressScope, fullName, namespaceOf, type Workload } from "../model/document.js";
import type { MeshIndex } from "./mesh-index.js";

/**
 * What callers have in common who see the same services: namespace and labels, and the name where somebody calls them by it.
 */
export function callerClass(workload: Workload, index: MeshIndex): string {
  const name = fullName(workload);
  const key = `${namespaceOf(workload)} ${labelsText(workload)}`;
  return index.isCalledByName(name) ? `${key} ${name}` : key;
}

/**
 * Whether callers see a service. An EgressScope says so; else, unless the mesh shows everything, they see the services of
 * their own namespace, and of others those that let everybody in who is not denied because a policy speaks of them, those
 * whose policies allow them, and those with routes for them.
 */
export function isVisible(service: string, caller: Workload, index: MeshIndex): boolean {
  const scopes = [...index.egressScopes.get(namespaceOf(caller))].filter(({ spec }) =>
    hasLabels(caller, spec.selector?.matchLabels),
  );
  if (scopes.some(({ spec, ...scope }) => spec.also?.some((pattern) => fits(service, pattern, scope)))) return true;
  const narrowed = scopes.filter(({ spec }) => spec.services !== undefined);
  if (narrowed.length > 0) {
    return narrowed.some(({ spec, ...scope }) => spec.services?.some((pattern) => fits(service, pattern, scope)));
  }
  return index.settings?.spec.scope === "all" || isInferred(service, caller, index);
}

function isInferred(service: string, caller: Workload, index: MeshIndex): boolean {
  const namespace = namespaceOf(caller);
  if (service.startsWith(`${namespace}/`)) return true;
  const policies = index.policiesOf(service);
  const allow = policies.filter(({ spec }) => spec.action === "allow");
  const allowed = allow.some((policy) =>
    policy.spec.rules.some(({ from }) => absoluteSources(from, policy)?.some((one) => isSource(caller, one)) ?? true),
  );
  if (allowed || (policies.length > 0 && allow.length === 0)) return true;
  return index
    .routesOf(service)
    .some((route) => absoluteSources(route.spec.from, route)?.some((one) => isSource(caller, one)));
}

function fits(service: string, pattern: string, { metadata }: Pick<EgressScope, "metadata">): boolean {
  if (pattern === "*") return true;
  if (pattern.endsWith("/*")) return service.startsWith(pattern.slice(0, -1));
  return service === (pattern.includes("/") ? pattern : `${namespaceOf({ metadata })}/${pattern}`);
}
