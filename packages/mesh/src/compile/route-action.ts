import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { RedirectSpec, RouteActionSpec } from "@rxds/core";
import {
  type RouteAction_HashPolicy,
  RouteAction_RequestMirrorPolicySchema,
  type Route as XdsRoute,
} from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { RegexMatchAndSubstituteSchema } from "@rxds/envoy-api/envoy/type/matcher/v3/regex";
import { absoluteName, type Route } from "../model/document.js";
import { milliseconds } from "../model/fields.js";
import { fraction } from "./percent.js";
import { replacePrefix } from "./route-path.js";
import { isHttp, type ServicePort } from "./service-port.js";

type Rule = Route["spec"]["rules"][number];
type Match = NonNullable<Rule["matches"]>[number];

/** Conditions under which a request that never reached the workload is tried again. */
const RETRY_ON = ["connect-failure", "refused-stream", "unavailable", "cancelled"];

/** Finds the port of a service that is meant: the one that is written, the one of the same number, or the only one. */
export type FindPort = (service: string, port: number | undefined, dialed: ServicePort) => ServicePort | undefined;

/** What an action is built from. */
export interface ActionContext {
  readonly document: Route;
  /** The port that was dialed. */
  readonly port: ServicePort;
  readonly find: FindPort;
  /** What the balancer of a cluster looks at; undefined: nothing. */
  readonly hash: (cluster: string) => RouteAction_HashPolicy | undefined;
  /** Time for a response where the rule does not say, in milliseconds. */
  readonly timeoutMs: number;
  /** Hears of what is left out. */
  readonly report: (path: string, message: string) => void;
}

/** Where the requests of a rule go. */
export function ruleAction(rule: Rule, match: Match, at: string, context: ActionContext): RouteActionSpec {
  if (rule.redirect !== undefined) return { redirect: redirectSpec(rule.redirect, match, at, context) };
  const target = clusters(rule, at, context);
  if ("directResponse" in target) return target;
  const { timeout, retries, rewrite } = rule;
  const prefix = rewrite?.prefix === undefined ? {} : replacePrefix(match.path, rewrite.prefix);
  if (prefix === undefined) context.report(`${at}.rewrite.prefix`, "expected a match by prefix or exact path with it");
  return {
    ...target,
    timeoutMs: timeout === undefined ? context.timeoutMs : milliseconds(timeout),
    ...(rewrite?.host === undefined ? {} : { hostRewrite: rewrite.host }),
    ...(rewrite?.regex === undefined ? prefix : { regexRewrite: rewrite.regex }),
    ...(retries === undefined
      ? {}
      : {
          retry: {
            on: retries.on ?? RETRY_ON,
            count: retries.attempts ?? 1,
            ...(retries.statusCodes === undefined ? {} : { statusCodes: retries.statusCodes }),
            ...(retries.perTryTimeout === undefined ? {} : { perTryTimeoutMs: milliseconds(retries.perTryTimeout) }),
            ...(retries.backoff === undefined ? {} : { backoff: backoff(retries.backoff) }),
          },
        }),
  };
}

function backoff({ base, max }: { base: string; max?: string | undefined }) {
  return { baseMs: milliseconds(base), ...(max === undefined ? {} : { maxMs: milliseconds(max) }) };
}

function clusters(rule: Rule, at: string, context: ActionContext): RouteActionSpec {
  const { port } = context;
  if (rule.backends === undefined) return { cluster: port.cluster };
  const weights: Record<string, number> = {};
  rule.backends.forEach(({ weight = 1, ...backend }, i) => {
    const cluster = backendCluster(backend, `${at}.backends[${i}]`, context);
    if (cluster !== undefined) weights[cluster] = (weights[cluster] ?? 0) + weight;
  });
  const [only, ...others] = Object.keys(weights);
  // The share of a backend that is not there must not silently become somebody else's, if nobody else is left.
  if (only === undefined || !Object.values(weights).some((weight) => weight > 0)) {
    return { directResponse: { status: 503 } };
  }
  return others.length === 0 ? { cluster: only } : { weightedClusters: weights };
}

type Backend = { readonly service: string; readonly port?: number | undefined };

function backendCluster(backend: Backend, at: string, { document, port, find, report }: ActionContext) {
  const name = absoluteName(backend.service, document);
  const found = find(name, backend.port, port);
  if (found !== undefined && isHttp(found)) return found.cluster;
  const wanted = backend.port === undefined ? "a port for HTTP" : `port ${backend.port} for HTTP`;
  report(`${at}.service`, `there is no service ${name} with ${wanted}`);
  return undefined;
}

/** Puts the copy that goes elsewhere into a finished route. */
export function addMirror(route: XdsRoute, rule: Rule, at: string, context: ActionContext): void {
  if (rule.mirror === undefined || route.action.case !== "route") return;
  const cluster = backendCluster(rule.mirror, `${at}.mirror`, context);
  if (cluster === undefined) return;
  route.action.value.requestMirrorPolicies = [
    create(RouteAction_RequestMirrorPolicySchema, {
      cluster,
      runtimeFraction: { defaultValue: fraction(rule.mirror.percent) },
      disableShadowHostSuffixAppend: true,
    }),
  ];
}

type Redirect = NonNullable<Rule["redirect"]>;

function redirectSpec(redirect: Redirect, match: Match, at: string, { report }: ActionContext): RedirectSpec {
  const { host, port, path, prefix, status } = redirect;
  const wanted = path === undefined ? prefix : undefined;
  const replacement = wanted === undefined ? undefined : replacePrefix(match.path, wanted);
  if (wanted !== undefined && replacement === undefined)
    report(`${at}.redirect.prefix`, "expected a match by prefix or exact path with it");
  return {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(path === undefined ? {} : { path }),
    ...(replacement !== undefined && "prefixRewrite" in replacement ? replacement : {}),
    status: status ?? (302 as const),
  };
}

/** What of a redirect the short form does not offer. */
export function addRedirectRest(route: XdsRoute, rule: Rule, match: Match): void {
  if (route.action.case !== "redirect" || rule.redirect === undefined) return;
  const { scheme, prefix, path } = rule.redirect;
  if (scheme !== undefined) route.action.value.schemeRewriteSpecifier = { case: "schemeRedirect", value: scheme };
  const replacement = prefix === undefined || path !== undefined ? undefined : replacePrefix(match.path, prefix);
  if (replacement === undefined || !("regexRewrite" in replacement)) return;
  const { pattern, substitution } = replacement.regexRewrite;
  const init: MessageInitShape<typeof RegexMatchAndSubstituteSchema> = { pattern: { regex: pattern }, substitution };
  route.action.value.pathRewriteSpecifier = {
    case: "regexRewrite",
    value: create(RegexMatchAndSubstituteSchema, init),
  };
}
