import { create } from "@bufbuild/protobuf";
import { route, typedConfig } from "@rxds/core";
import { TrafficDirection } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { type Listener, ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { type RouteConfiguration, RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import { VirtualHostSchema } from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { OriginalDstSchema } from "@rxds/envoy-api/envoy/extensions/filters/listener/original_dst/v3/original_dst";
import type { MeshSettings } from "../model/document.js";
import type { Authorization } from "./authorization.js";
import { closeFilter } from "./close-filter.js";
import { httpManager } from "./http-manager.js";
import { INBOUND_CLUSTER, inboundListenerName, inboundRoutesName } from "./names.js";
import { rbacPerRoute } from "./rbac-filters.js";
import { isHttp, type ServicePort } from "./service-port.js";
import { tcpFilters } from "./tcp-filters.js";
import { socketAddress } from "./virtual-listener.js";

/** A port that a workload listens on, for one or more services. */
export interface InboundPort {
  readonly targetPort: number;
  /** The ports of services that lead there, by the name of the service. */
  readonly ports: readonly ServicePort[];
}

/** The TCP ports that a workload listens on for its services. */
export function inboundPorts(ports: readonly ServicePort[]): InboundPort[] {
  const byTarget = new Map<number, ServicePort[]>();
  const sorted = [...ports].sort((a, b) => (a.service < b.service ? -1 : 1) || a.port - b.port);
  for (const port of sorted) {
    if (port.protocol === "udp") continue;
    const list = byTarget.get(port.targetPort);
    if (list === undefined) byTarget.set(port.targetPort, [port]);
    else list.push(port);
  }
  return [...byTarget]
    .map(([targetPort, list]) => ({ targetPort, ports: list }))
    .sort((a, b) => a.targetPort - b.targetPort);
}

const OPEN: Authorization = { deny: undefined, allow: undefined };

/** The name of the routes of a port; undefined: its bytes are not understood by all of its services. */
export function inboundRoutesOf({ ports, targetPort }: InboundPort): string | undefined {
  if (!ports.every(isHttp)) return undefined;
  return inboundRoutesName([...new Set(ports.map(({ service }) => service))], targetPort);
}

/**
 * The listener for what comes in to a workload. What comes to ports that are no service's passes as it is; who dials the
 * listener's own port would go round in circles, and is closed.
 */
export function inboundListener(
  workload: string,
  ports: readonly InboundPort[],
  listenPort: number,
  tcpRules: (port: InboundPort) => Authorization,
  settings: MeshSettings | undefined,
): Listener {
  return create(ListenerSchema, {
    name: inboundListenerName(workload),
    address: socketAddress("0.0.0.0", listenPort),
    additionalAddresses: [{ address: socketAddress("::", listenPort) }],
    trafficDirection: TrafficDirection.INBOUND,
    listenerFilters: [
      {
        name: "envoy.filters.listener.original_dst",
        configType: { case: "typedConfig", value: typedConfig(OriginalDstSchema, {}) },
      },
    ],
    defaultFilterChain: { name: "others", filters: tcpFilters(INBOUND_CLUSTER, OPEN, "inbound", settings) },
    filterChains: [
      {
        name: "itself",
        filterChainMatch: { destinationPort: listenPort },
        filters: [closeFilter()],
      },
      ...ports.map((port) => {
        const routes = inboundRoutesOf(port);
        return {
          name: String(port.targetPort),
          filterChainMatch: { destinationPort: port.targetPort },
          filters:
            routes === undefined
              ? tcpFilters(INBOUND_CLUSTER, tcpRules(port), "inbound", settings)
              : [httpManager(routes, "inbound", settings)],
        };
      }),
    ],
  });
}

/** The routes of what comes in: to the workload itself, for those who may. */
export function inboundRoutes(name: string, rules: Authorization): RouteConfiguration {
  return create(RouteConfigurationSchema, {
    name,
    typedPerFilterConfig: rbacPerRoute(rules),
    virtualHosts: [
      create(VirtualHostSchema, {
        name: "*",
        domains: ["*"],
        // Time is kept where the request comes from.
        routes: [route({ prefix: "/", cluster: INBOUND_CLUSTER, timeoutMs: 0 })],
      }),
    ],
  });
}
