import type { MessageInitShape } from "@bufbuild/protobuf";
import { typedConfig } from "@rxds/core";
import type { FilterSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener_components";
import { RBACSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/rbac/v3/rbac";
import { TcpProxySchema } from "@rxds/envoy-api/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy";
import type { MeshSettings } from "../model/document.js";
import type { Authorization } from "./authorization.js";
import { accessLogs } from "./telemetry.js";

type FilterInit = MessageInitShape<typeof FilterSchema>;

/**
 * The network filters of a TCP port: who may pass, and where to. Envoy asks who may pass when the client's first byte is
 * there: what a server says before that reaches everybody.
 */
export function tcpFilters(
  cluster: string,
  { deny, allow }: Authorization,
  side: "outbound" | "inbound",
  settings: MeshSettings | undefined,
): FilterInit[] {
  const statPrefix = side;
  const proxy = typedConfig(TcpProxySchema, {
    statPrefix,
    clusterSpecifier: { case: "cluster", value: cluster },
    // There is nothing else to tell connections apart by.
    hashPolicy: [{ policySpecifier: { case: "sourceIp", value: {} } }],
    accessLog: side === "outbound" ? accessLogs("tcp", settings) : [],
  });
  return [
    ...(deny === undefined ? [] : [filter("rxds.deny", typedConfig(RBACSchema, { statPrefix, rules: deny }))]),
    ...(allow === undefined ? [] : [filter("rxds.allow", typedConfig(RBACSchema, { statPrefix, rules: allow }))]),
    filter("envoy.filters.network.tcp_proxy", proxy),
  ];
}

function filter(name: string, value: ReturnType<typeof typedConfig>): FilterInit {
  return { name, configType: { case: "typedConfig", value } };
}
