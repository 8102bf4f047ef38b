import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type RouteAction_HashPolicy,
  RouteAction_HashPolicySchema,
} from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import type { TrafficPolicy } from "../model/document.js";
import { duration } from "./duration.js";

/** What of a request decides the workload that it goes to; undefined: nothing does. */
export function hashPolicy(policy: TrafficPolicy | undefined): RouteAction_HashPolicy | undefined {
  const { policy: balancer, hash } = policy?.spec.loadBalancing ?? {};
  if (balancer !== "ringHash" && balancer !== "maglev") return undefined;
  return create(RouteAction_HashPolicySchema, { policySpecifier: specifier(hash) });
}

type Specifier = NonNullable<
  Exclude<MessageInitShape<typeof RouteAction_HashPolicySchema>, RouteAction_HashPolicy>["policySpecifier"]
>;

function specifier(hash: NonNullable<TrafficPolicy["spec"]["loadBalancing"]>["hash"]): Specifier {
  if (hash !== undefined && "header" in hash) return { case: "header", value: { headerName: hash.header } };
  if (hash !== undefined && "cookie" in hash) {
    const { cookie: name, ttl } = hash;
    return { case: "cookie", value: { name, ...(ttl === undefined ? {} : { ttl: duration(ttl), path: "/" }) } };
  }
  return { case: "connectionProperties", value: { sourceIp: true } };
}
