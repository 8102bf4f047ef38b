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

/** The rules of the policies that speak of a port. `trusted` callers, if any, have been asked elsewhere. */
export function authorization(
  port: Guarded,
  policies: readonly AuthorizationPolicy[],
  principals: Principals = byIdentity,
  trusted?: PrincipalInit,
): Authorization {
  const rules = (action: "allow" | "deny") => policies.filter(({ spec }) => spec.action === action);
  const deny = rules("deny");
  const allow = rules("allow");
  return {
    deny: deny.length === 0 ? undefined : rbac(RBAC_Action.DENY, port, deny, principals, trusted),
    allow: allow.length === 0 ? undefined : rbac(RBAC_Action.ALLOW, port, allow, principals, trusted),
  };
}

function rbac(
  action: RBAC_Action,
  port: Guarded,
  documents: readonly AuthorizationPolicy[],
  principals: Principals,
  trusted: PrincipalInit | undefined,
): RBAC {
  const policies: Record<string, MessageInitShape<typeof PolicySchema>> = {};
  for (const document of documents) {
    document.spec.rules.forEach((rule, i) => {
      const permissions = (rule.to ?? [{}]).flatMap((target) => permission(target, port));
      if (permissions.length === 0) return;
      const sources = absoluteSources(rule.from, document);
      const callers = sources?.map(principals) ?? [ANYBODY];
      policies[`${fullName(document)}[${i}]`] = {
        permissions,
        principals:
          action === RBAC_Action.DENY && trusted !== undefined
            ? callers.map((caller) => allOf([{ identifier: { case: "notId", value: trusted } }, caller]))
            : callers,
      };
    });
  }
  if (action === RBAC_Action.ALLOW && trusted !== undefined) {
    policies.trusted = { permissions: [{ rule: { case: "any", value: true } }], principals: [trusted] };
  }
  return create(RBACSchema, { action, policies });
}

type Target = NonNullable<AuthorizationPolicy["spec"]["rules"][number]["to"]>[number];

/** What requests a rule speaks of; none where it is about other ports. */
function permission(target: Target, { ports: guarded, isHttp: http }: Guarded): PermissionInit[] {
  const { ports, methods, paths } = target;
  if (ports !== undefined && !ports.some((port) => guarded.includes(port))) return [];
  // Without HTTP there are neither methods nor paths: a rule that asks for some fits nothing.
  if (!http && (methods !== undefined || paths !== undefined)) return [];
  const all: PermissionInit[] = [];
  if (methods !== undefined) all.push(anyOf(methods.map(method)));
  if (paths !== undefined) all.push(anyOf(paths.map(path)));
  if (all.length === 0) return [{ rule: { case: "any", value: true } }];
  return [all.length === 1 ? all[0]! : { rule: { case: "andRules", value: { rules: all } } }];
}

function method(value: string): PermissionInit {
  const match = { case: "stringMatch", value: { matchPattern: { case: "exact", value } } } as const;
  return { rule: { case: "header", value: { name: ":method", headerMatchSpecifier: match } } };
}

function path(text: string): PermissionInit {
  const pattern = text.endsWith("*")
    ? ({ case: "prefix", value: text.slice(0, -1) } as const)
    : ({ case: "exact", value: text } as const);
  return { rule: { case: "urlPath", value: { rule: { case: "path", value: { matchPattern: pattern } } } } };
}

function anyOf(rules: PermissionInit[]): PermissionInit {
  return rules.length === 1 ? rules[0]! : { rule: { case: "orRules", value: { rules } } };
}

const ANYBODY: PrincipalInit = { identifier: { case: "any", value: true } };

/** A caller to whom all of that applies. */
export function allOf(ids: PrincipalInit[]): PrincipalInit {
  if (ids.length === 0) return ANYBODY;
  return ids.length === 1 ? ids[0]! : { identifier: { case: "andIds", value: { ids } } };
}
