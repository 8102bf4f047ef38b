import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type PrincipalSchema, RBAC_Action, RBACSchema } from "@rxds/envoy-api/envoy/config/rbac/v3/rbac";
import type { AuthorizationPolicy } from "../model/document.js";
import {
  ANYBODY,
  type Authorization,
  allOf,
  type Guarded,
  headerMethod,
  isAbout,
  type Principals,
  pathPattern,
  type Target,
} from "./authorization.js";
import { absoluteSources } from "./source.js";

type PrincipalInit = MessageInitShape<typeof PrincipalSchema>;

/** One of the services that lead to a workload's port, and the policies about it. */
export interface IncomingService {
  readonly port: Guarded;
  readonly policies: readonly AuthorizationPolicy[];
}

/**
 * Who may come in to a port of a workload. Which service was dialed is not known there: whoever may come by any of them is let
 * in. So a port to which a service without policies leads lets everybody in.
 *
 * @param principals How callers are told.
 * @param trusted Callers that have been asked elsewhere.
 */
export function incoming(
  services: readonly IncomingService[],
  principals: Principals,
  trusted: PrincipalInit,
): Authorization {
  const open = { deny: undefined, allow: undefined };
  if (services.some(({ policies }) => policies.length === 0)) return open;
  const ways = services.map((service) => way(service, principals));
  const allow = create(RBACSchema, {
    action: RBAC_Action.ALLOW,
    policies: {
      incoming: { permissions: [{ rule: { case: "any", value: true } }], principals: [trusted, ...ways] },
    },
  });
  return { deny: undefined, allow };
}

/** Requests that one service's policies let through: those that no `deny` rule fits, and an `allow` rule if there are any. */
function way({ port, policies }: IncomingService, principals: Principals): PrincipalInit {
  const fits = (action: "allow" | "deny") =>
    policies
      .filter(({ spec }) => spec.action === action)
      .flatMap((policy) => policy.spec.rules.flatMap((rule) => fit(rule, policy, port, principals)));
  const denied = fits("deny").map((value): PrincipalInit => ({ identifier: { case: "notId", value } }));
  if (!policies.some(({ spec }) => spec.action === "allow")) return allOf(denied);
  const allowed = fits("allow");
  return allOf([...denied, allowed.length === 0 ? NOBODY : anyOf(allowed)]);
}

type Rule = AuthorizationPolicy["spec"]["rules"][number];

/** Requests that a rule fits; none: it is about other ports. */
function fit(rule: Rule, policy: AuthorizationPolicy, port: Guarded, principals: Principals): PrincipalInit[] {
  const targets = (rule.to ?? [{}]).filter((target) => isAbout(target, port));
  if (targets.length === 0) return [];
  const callers = absoluteSources(rule.from, policy)?.map(principals) ?? [ANYBODY];
  return [allOf([anyOf(callers), anyOf(targets.map(requests))])];
}

function requests({ methods, paths }: Target): PrincipalInit {
  return allOf([
    ...(methods === undefined ? [] : [anyOf(methods.map(method))]),
    ...(paths === undefined ? [] : [anyOf(paths.map(path))]),
  ]);
}

const method = (value: string): PrincipalInit => ({ identifier: { case: "header", value: headerMethod(value) } });
const path = (text: string): PrincipalInit => ({ identifier: { case: "urlPath", value: pathPattern(text) } });

const NOBODY: PrincipalInit = { identifier: { case: "notId", value: ANYBODY } };

function anyOf(ids: PrincipalInit[]): PrincipalInit {
  return ids.length === 1 ? ids[0]! : { identifier: { case: "orIds", value: { ids } } };
}
