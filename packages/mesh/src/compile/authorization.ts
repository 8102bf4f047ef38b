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
import type { ServicePort } from "./service-port.js";
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

/** The rules of the policies that speak of a port. */
export function authorization(
  port: Pick<ServicePort, "port" | "protocol">,
  policies: readonly AuthorizationPolicy[],
  principals: Principals = byIdentity,
): Authorization {
  const rules = (action: "allow" | "deny") => policies.filter(({ spec }) => spec.action === action);
  const deny = rules("deny");
  const allow = rules("allow");
  return {
    deny: deny.length === 0 ? undefined : rbac(RBAC_Action.DENY, port, deny, principals),
    allow: allow.length === 0 ? undefined : rbac(RBAC_Action.ALLOW, port, allow, principals),
  };
}

function rbac(
  action: RBAC_Action,
  port: Pick<ServicePort, "port" | "protocol">,
  documents: readonly AuthorizationPolicy[],
  principals: Principals,
): RBAC {
  const policies: Record<string, MessageInitShape<typeof PolicySchema>> = {};
  for (const document of documents) {
    document.spec.rules.forEach((rule, i) => {
      const permissions = (rule.to ?? [{}]).flatMap((target) => permission(target, port));
      if (permissions.length === 0) return;
      const sources = absoluteSources(rule.from, document);
      policies[`${fullName(document)}[${i}]`] = {
        permissions,
        principals: sources?.map(principals) ?? [{ identifier: { case: "any", value: true } }],
      };
    });
  }
  return create(RBACSchema, { action, policies });
}

type Target = NonNullable<AuthorizationPolicy["spec"]["rules"][number]["to"]>[number];

/** What requests a rule speaks of; none where it is about other ports. */
function permission(target: Target, { port, protocol }: Pick<ServicePort, "port" | "protocol">): PermissionInit[] {
  const { ports, methods, paths } = target;
  if (ports !== undefined && !ports.includes(port)) return [];
  const all: PermissionInit[] = [];
  if (protocol === "tcp" || protocol === "udp") {
    // There are neither methods nor paths: a rule that asks for some fits nothing.
    if (methods !== undefined || paths !== undefined) return [];
  }
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

/** A caller to whom all of that applies. */
export function allOf(ids: PrincipalInit[]): PrincipalInit {
  if (ids.length === 0) return { identifier: { case: "any", value: true } };
  return ids.length === 1 ? ids[0]! : { identifier: { case: "andIds", value: { ids } } };
}
