import { create } from "@bufbuild/protobuf";
import { TrafficDirection } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { type Listener, ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import type { AuthorizationPolicy, MeshSettings } from "../model/document.js";
import { authorization, guardedPort } from "./authorization.js";
import { httpManager } from "./http-manager.js";
import { canonicalAddress, routesName, virtualListenerName } from "./names.js";
import { isHttp, type ServicePort } from "./service-port.js";
import { sourceFilters } from "./source-filters.js";
import { tcpFilters } from "./tcp-filters.js";

/** The address of a socket. */
export function socketAddress(address: string, portValue: number, protocol: 0 | 1 = 0) {
  return {
    address: {
      case: "socketAddress",
      value: { address: canonicalAddress(address), protocol, portSpecifier: { case: "portValue", value: portValue } },
    },
  } as const;
}

/**
 * The listener for one virtual IP of a port. It binds to nothing: the redirect listener hands connections over to it by
 * their original destination. All proxies share it.
 */
export function virtualListener(
  port: ServicePort,
  address: string,
  policies: readonly AuthorizationPolicy[],
  settings: MeshSettings | undefined,
): Listener {
  const name = virtualListenerName(address, port.port);
  const filters = isHttp(port)
    ? [httpManager(routesName(port.addresses[0]!, port.port), "outbound", settings)]
    : tcpFilters(port.cluster, authorization(guardedPort(port), policies), "outbound", settings);
  return create(ListenerSchema, {
    name,
    address: socketAddress(address, port.port),
    bindToPort: false,
    statPrefix: "outbound",
    trafficDirection: TrafficDirection.OUTBOUND,
    filterChains: [{ filters: [...sourceFilters(), ...filters] }],
  });
}
