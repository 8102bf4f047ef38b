import { type AuthorizationPolicy, absoluteName, type Route } from "../model/document.js";

/** The services that a Route leads to beside the one that it is about. */
export function leadsTo(route: Route): Set<string> {
  const found = new Set<string>();
  for (const { backends = [], mirror } of route.spec.rules) {
    for (const { service } of backends) found.add(absoluteName(service, route));
    if (mirror !== undefined) found.add(absoluteName(mirror.service, route));
  }
  return found;
}

/** The services that a policy names. */
export function namedServices(policy: AuthorizationPolicy): string[] {
  return (policy.spec.services ?? []).map((name) => absoluteName(name, policy));
}

/** The callers that a Route or policy calls by their names. */
export function namedCallers(document: Route | AuthorizationPolicy): string[] {
  const sources =
    document.kind === "Route" ? (document.spec.from ?? []) : document.spec.rules.flatMap(({ from }) => from ?? []);
  return sources.flatMap(({ workloads = [] }) => workloads.map((name) => absoluteName(name, document)));
}
