import { create } from "@bufbuild/protobuf";
import { typedConfig } from "@rxds/core";
import { SocketAddress_Protocol } from "@rxds/envoy-api/envoy/config/core/v3/address";
import { TrafficDirection } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { type Listener, ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { RouteSchema } from "@rxds/envoy-api/envoy/extensions/filters/udp/udp_proxy/v3/route";
import { UdpProxyConfigSchema } from "@rxds/envoy-api/envoy/extensions/filters/udp/udp_proxy/v3/udp_proxy";
import { udpListenerName } from "./names.js";
import type { ServicePort } from "./service-port.js";
import { socketAddress } from "./virtual-listener.js";

/**
 * The listener for one UDP port of a service. Envoy does not learn the original destination of a datagram: what tells the
 * service is the port that the datagram is redirected to, so each has one of its own.
 */
export function udpListener(port: ServicePort, address: string, bound: number): Listener {
  const name = udpListenerName(address, bound);
  const proxy = typedConfig(UdpProxyConfigSchema, {
    statPrefix: name,
    routeSpecifier: {
      case: "matcher",
      value: {
        onNoMatch: {
          onMatch: {
            case: "action",
            value: { name: "route", typedConfig: typedConfig(RouteSchema, { cluster: port.cluster }) },
          },
        },
      },
    },
  });
  return create(ListenerSchema, {
    name,
    address: socketAddress(address, bound, SocketAddress_Protocol.UDP),
    trafficDirection: TrafficDirection.OUTBOUND,
    listenerFilters: [
      { name: "envoy.filters.udp_listener.udp_proxy", configType: { case: "typedConfig", value: proxy } },
    ],
    udpListenerConfig: {},
  });
}
