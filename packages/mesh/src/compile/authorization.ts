import type { MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import {
  type PermissionSchema,
  type PolicySchema,
  type PrincipalSchema,
  type RBAC,
  RBAC_Action,
  RBACSchema,
} from "@rxds/envoy-api/envoy/config/rbac/v3/rbac";
import { type AuthorizationPolicy, fullName } from "../model/document.js";
import { isHttp, type ServicePort } from "./service-port.js";
import { type AbsoluteSource, absoluteSources } from "./source.js";
import { sourceMatchers } from "./source-match.js";

type PrincipalInit = MessageInitShape<typeof PrincipalSchema>;
type PermissionInit = MessageInitShape<typeof PermissionSchema>;

/** Turns callers, as policies name them, into what Envoy can match. */
export type Principals = (source: AbsoluteSource) => PrincipalInit;

/** The rules for one service's port: a request must pass both; undefined lets everything through. */
export interface Authorization {
  readonly deny: RBAC | undefined;
  readonly allow: RBAC | undefined;
}

/** Callers told by what the proxy found out of them: for the proxy that their connections come from. */
export const byIdentity: Principals = (source) => {
  const ids = sourceMatchers(source).map((value): PrincipalInit => ({ identifier: { case: "filterState", value } }));
  return allOf(ids);
};

/** What rules are about: ports of services that lead to the same, and how their bytes are understood. */
export interface Guarded {
  readonly ports: readonly number[];
  readonly isHttp: boolean;
}

/** One port of a service, as rules see it. */
export const guardedPort = (port: ServicePort): Guarded => ({ ports: [port.port], isHttp: isHttp(port) });

/** The rules of the policies that speak of a port. */
export function authorization(port: Guarded, policies: readonly AuthorizationPolicy[]): Authorization {
  const rules = (action: "allow" | "deny") => policies.filter(({ spec }) => spec.action === action);
  const deny = rules("deny");
  const allow = rules("allow");
  return {
    deny: deny.length === 0 ? undefined : rbac(RBAC_Action.DENY, port, deny),
    allow: allow.length === 0 ? undefined : rbac(RBAC_Action.ALLOW, port, allow),
  };
}

function rbac(action: RBAC_Action, port: Guarded, documents: readonly AuthorizationPolicy[]): RBAC {
  const policies: Record<string, MessageInitShape<typeof PolicySchema>> = {};
  for (const document of documents) {
    document.spec.rules.forEach((rule, i) => {
      const permissions = (rule.to ?? [{}]).filter((target) => isAbout(target, port)).map(permission);
      if (permissions.length === 0) return;
      const principals = absoluteSources(rule.from, document)?.map(byIdentity) ?? [ANYBODY];
      policies[`${fullName(document)}[${i}]`] = { permissions, principals };
    });
  }
  return create(RBACSchema, { action, policies });
}

/** Which requests a rule is about. */
export type Target = NonNullable<AuthorizationPolicy["spec"]["rules"][number]["to"]>[number];

/** Whether anything that comes to a port can be what a rule is about. */
export function isAbout({ ports, methods, paths }: Target, { ports: guarded, isHttp: http }: Guarded): boolean {
  if (ports !== undefined && !ports.some((port) => guarded.includes(port))) return false;
  // Without HTTP there are neither methods nor paths: a rule that asks for some fits nothing.
  return http || (methods === undefined && paths === undefined);
}

function permission({ methods, paths }: Target): PermissionInit {
  const all: PermissionInit[] = [];
  if (methods !== undefined) all.push(anyOf(methods.map(method)));
  if (paths !== undefined) all.push(anyOf(paths.map(path)));
  if (all.length === 0) return { rule: { case: "any", value: true } };
  return all.length === 1 ? all[0]! : { rule: { case: "andRules", value: { rules: all } } };
}

const method = (value: string): PermissionInit => ({ rule: { case: "header", value: headerMethod(value) } });
const path = (text: string): PermissionInit => ({ rule: { case: "urlPath", value: pathPattern(text) } });

/** Requests with this method. */
export function headerMethod(value: string) {
  const match = { case: "stringMatch", value: { matchPattern: { case: "exact", value } } } as const;
  return { name: ":method", headerMatchSpecifier: match };
}

/** Requests with this path, or with `*` at its end, a path that begins so. */
export function pathPattern(text: string) {
  const matchPattern = text.endsWith("*")
    ? ({ case: "prefix", value: text.slice(0, -1) } as const)
    : ({ case: "exact", value: text } as const);
  return { rule: { case: "path", value: { matchPattern } } } as const;
}

function anyOf(rules: PermissionInit[]): PermissionInit {
  return rules.length === 1 ? rules[0]! : { rule: { case: "orRules", value: { rules } } };
}

/** Every caller. */
export const ANYBODY: PrincipalInit = { identifier: { case: "any", value: true } };

/** A caller to whom all of that applies. */
export function allOf(ids: PrincipalInit[]): PrincipalInit {
  if (ids.length === 0) return ANYBODY;
  return ids.length === 1 ? ids[0]! : { identifier: { case: "andIds", value: { ids } } };
}
