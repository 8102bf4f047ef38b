import { create } from "@bufbuild/protobuf";
import {
  type RetryPolicy,
  type Route,
  type RouteAction,
  RouteActionSchema,
  WeightedClusterSchema,
} from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { BuilderError, exactlyOne } from "./builder-error.js";
import { type DirectResponseSpec, directResponse } from "./direct-response.js";
import { duration } from "./duration.js";
import { type RedirectSpec, redirect } from "./redirect.js";
import { type RetrySpec, retryPolicy } from "./retry-policy.js";
import { clusterWeights, type WeightedClusters } from "./weighted-clusters.js";

/** Where a route leads. Exactly one of `cluster`, `weightedClusters`, `clusterHeader`, `redirect`, `directResponse`. */
export interface RouteActionSpec extends ForwardOptions {
  /** A cluster. */
  readonly cluster?: string;
  /** Clusters that share the requests, such as `{ a: 90, b: 10 }`. */
  readonly weightedClusters?: WeightedClusters;
  /** A request header that names the cluster. */
  readonly clusterHeader?: string;
  /** Another URL that the client is sent to. */
  readonly redirect?: RedirectSpec;
  /** An answer that the proxy gives itself. */
  readonly directResponse?: DirectResponseSpec;
}

/** How requests are forwarded to a cluster. */
export interface ForwardOptions {
  /** Time for the whole response, in milliseconds; 0: no limit. Default: 15 000, Envoy's own. */
  readonly timeoutMs?: number;
  /** Time without any traffic, in milliseconds; 0: no limit. Default: the listener's, 5 minutes. */
  readonly idleTimeoutMs?: number;
  /** When a request is tried again. Default: never. */
  readonly retry?: RetrySpec | RetryPolicy;
  /** What takes the place of the matched `prefix`, or of the whole `path`. Default: the path stays. */
  readonly prefixRewrite?: string;
  /** A rewrite of the path: RE2 pattern, and substitution with `\1`. Default: the path stays. */
  readonly regexRewrite?: { readonly pattern: string; readonly substitution: string };
  /** The Host header that is sent. Default: it stays. */
  readonly hostRewrite?: string;
  /** Whether the endpoint's host name is sent as Host header. Default: false. */
  readonly autoHostRewrite?: boolean;
}

const actions = ["cluster", "weightedClusters", "clusterHeader", "redirect", "directResponse"] as const;
const forwardOptions = [
  "timeoutMs",
  "idleTimeoutMs",
  "retry",
  "prefixRewrite",
  "regexRewrite",
  "hostRewrite",
  "autoHostRewrite",
] as const satisfies readonly (keyof ForwardOptions)[];

/** A route's action from its short form. */
export function routeAction(spec: RouteActionSpec, path: string): Route["action"] {
  const action = exactlyOne(spec, actions, path);
  const { redirect: elsewhere, directResponse: answer } = spec;
  if (elsewhere === undefined && answer === undefined) return { case: "route", value: forward(spec, path) };
  const idle = forwardOptions.find((option) => spec[option] !== undefined);
  if (idle !== undefined) {
    throw new BuilderError(
      "conflicting-options",
      `${path}.${idle}`,
      `nothing beside ${action}, which forwards no request`,
    );
  }
  return answer === undefined
    ? { case: "redirect", value: redirect(elsewhere ?? {}, `${path}.redirect`) }
    : { case: "directResponse", value: directResponse(answer, `${path}.directResponse`) };
}

function forward(spec: RouteActionSpec, path: string): RouteAction {
  if (spec.hostRewrite !== undefined && spec.autoHostRewrite) {
    throw new BuilderError("conflicting-options", path, "only one of hostRewrite, autoHostRewrite");
  }
  if (spec.prefixRewrite !== undefined && spec.regexRewrite !== undefined) {
    throw new BuilderError("conflicting-options", path, "only one of prefixRewrite, regexRewrite");
  }
  const { regexRewrite } = spec;
  const value = create(RouteActionSchema, {
    timeout: duration(spec.timeoutMs, `${path}.timeoutMs`),
    idleTimeout: duration(spec.idleTimeoutMs, `${path}.idleTimeoutMs`),
    retryPolicy: retryPolicy(spec.retry, `${path}.retry`),
    prefixRewrite: spec.prefixRewrite ?? "",
    regexRewrite: regexRewrite && {
      pattern: { regex: regexRewrite.pattern },
      substitution: regexRewrite.substitution,
    },
    hostRewriteSpecifier: hostRewrite(spec),
  });
  value.clusterSpecifier = clusterSpecifier(spec, path);
  return value;
}

function hostRewrite(spec: ForwardOptions) {
  if (spec.hostRewrite !== undefined) return { case: "hostRewriteLiteral", value: spec.hostRewrite } as const;
  if (spec.autoHostRewrite) return { case: "autoHostRewrite", value: { value: true } } as const;
  return { case: undefined };
}

function clusterSpecifier(spec: RouteActionSpec, path: string): RouteAction["clusterSpecifier"] {
  if (spec.clusterHeader !== undefined) return { case: "clusterHeader", value: spec.clusterHeader };
  if (spec.weightedClusters === undefined) return { case: "cluster", value: spec.cluster ?? "" };
  const clusters = clusterWeights(spec.weightedClusters, `${path}.weightedClusters`);
  return { case: "weightedClusters", value: create(WeightedClusterSchema, { clusters }) };
}
