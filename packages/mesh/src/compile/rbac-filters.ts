import { create } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { typedConfig } from "@rxds/core";
import { RBACPerRouteSchema, RBACSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/rbac/v3/rbac";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import type { Authorization } from "./authorization.js";
import { once } from "./once.js";

const DENY = "rxds.deny";
const ALLOW = "rxds.allow";

/** HTTP filters that let everything through; the rules come with the routes, so that they change without a drain. */
export const rbacFilters = once((): readonly HttpFilter[] =>
  [DENY, ALLOW].map((name) =>
    create(HttpFilterSchema, { name, configType: { case: "typedConfig", value: typedConfig(RBACSchema, {}) } }),
  ),
);

/** The rules, for a route configuration. */
export function rbacPerRoute({ deny, allow }: Authorization): Record<string, Any> {
  const configs: Record<string, Any> = {};
  if (deny !== undefined) configs[DENY] = typedConfig(RBACPerRouteSchema, { rbac: { rules: deny } });
  if (allow !== undefined) configs[ALLOW] = typedConfig(RBACPerRouteSchema, { rbac: { rules: allow } });
  return configs;
}
