import { create } from "@bufbuild/protobuf";
import { route } from "@rxds/core";
import { type RouteConfiguration, RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import { VirtualHostSchema } from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import type { AuthorizationPolicy, MeshSettings, Route } from "../model/document.js";
import { fullName } from "../model/document.js";
import { milliseconds } from "../model/fields.js";
import { authorization, guardedPort } from "./authorization.js";
import { rbacPerRoute } from "./rbac-filters.js";
import type { ActionContext, FindPort } from "./route-action.js";
import { addHashPolicies, documentRoutes, labelled } from "./route-rule.js";
import type { ServicePort } from "./service-port.js";

/** What the routes of a port are built from. */
export interface RoutesInput {
  readonly port: ServicePort;
  /** The Routes of the service. */
  readonly documents: readonly Route[];
  /** The AuthorizationPolicies of the service. */
  readonly policies: readonly AuthorizationPolicy[];
  readonly settings: MeshSettings | undefined;
  readonly find: FindPort;
  /** What the balancer of a cluster looks at; undefined: nothing. */
  readonly hash: ActionContext["hash"];
  /** Hears of what is left out of which document. */
  readonly report: (document: Route, path: string, message: string) => void;
}

/**
 * The routes of an HTTP port, by host. Of several documents those come first that are about some callers only, then those
 * about some hosts only, then by name; what no rule matches goes to the service itself.
 */
export function portRoutes(name: string, input: RoutesInput): RouteConfiguration {
  const { port, policies } = input;
  const documents = input.documents.filter(({ spec }) => spec.ports === undefined || spec.ports.includes(port.port));
  const hosts = [...new Set(documents.flatMap(({ spec }) => spec.hosts ?? []).map((host) => host.toLowerCase()))];
  const timeoutMs = defaultTimeout(input);
  const built = new Map(
    documents.map((document) => [
      document,
      documentRoutes({
        document,
        port,
        find: input.find,
        hash: input.hash,
        timeoutMs,
        report: (path, message) => input.report(document, path, message),
      }),
    ]),
  );
  const rest = labelled(route({ prefix: "/", cluster: port.cluster, timeoutMs, name: "default" }), port.service);
  addHashPolicies(rest, input);
  return create(RouteConfigurationSchema, {
    name,
    ignorePortInHostMatching: true,
    typedPerFilterConfig: rbacPerRoute(authorization(guardedPort(port), policies)),
    virtualHosts: [...hosts.sort(), "*"].map((host) =>
      create(VirtualHostSchema, {
        name: host,
        domains: [host],
        routes: [...inOrder(documents, host).flatMap((document) => built.get(document)!), rest],
      }),
    ),
  });
}

function defaultTimeout({ port, settings }: RoutesInput): number {
  // A stream of a gRPC call may last.
  if (port.protocol === "grpc") return 0;
  return milliseconds(settings?.spec.defaults?.timeout ?? "15s");
}

/** The documents that are about a host, in the order in which their rules are tried. */
function inOrder(documents: readonly Route[], host: string): Route[] {
  const rank = new Map<Route, number>();
  for (const document of documents) {
    const { hosts, from } = document.spec;
    const fit = hosts === undefined ? 2 : Math.min(...hosts.map((pattern) => fitOf(pattern.toLowerCase(), host)));
    if (Number.isFinite(fit)) rank.set(document, fit + (from === undefined ? 3 : 0));
  }
  return [...rank.keys()].sort((a, b) => rank.get(a)! - rank.get(b)! || (fullName(a) < fullName(b) ? -1 : 1));
}

/** How well a pattern fits a host: 0 exactly, 1 as a wildcard, infinite not at all. */
function fitOf(pattern: string, host: string): number {
  if (pattern === host) return 0;
  return pattern.startsWith("*.") && host !== "*" && host.endsWith(pattern.slice(1)) ? 1 : Number.POSITIVE_INFINITY;
}
