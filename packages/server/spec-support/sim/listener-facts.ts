import { fromBinary } from "@bufbuild/protobuf";
import { type Address, SocketAddress_Protocol } from "@rxds/envoy-api/envoy/config/core/v3/address";
import { ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import type { Filter } from "@rxds/envoy-api/envoy/config/listener/v3/listener_components";
import { HttpConnectionManagerSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { TcpProxySchema } from "@rxds/envoy-api/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy";
import { DownstreamTlsContextSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/tls";
import { type Facts, secretsOf, tlsOf } from "./facts.js";
import { waysOf } from "./ways.js";

/** What a listener holds. */
export function listenerFacts(value: Uint8Array): Facts {
  const listener = fromBinary(ListenerSchema, value);
  const { filterChains: chains } = listener;
  if (chains.length === 0 && listener.apiListener === undefined) return { bad: "no filter chains specified" };
  const leads = chains.flatMap(({ filters }) => filters).map(leadOf);
  return {
    addresses: [listener.address, ...listener.additionalAddresses.map(({ address }) => address)].flatMap(textOf),
    routes: leads.flatMap(({ routes }) => routes ?? []),
    ways: leads.flatMap(({ ways }) => ways ?? []),
    requires: leads.flatMap(({ requires }) => requires ?? []),
    secrets: chains.flatMap(({ transportSocket }) => secretsOf(tlsOf(transportSocket, DownstreamTlsContextSchema))),
  };
}

function leadOf({ configType }: Filter): Pick<Facts, "routes" | "ways" | "requires"> {
  if (configType.case !== "typedConfig") return {};
  const { typeUrl, value } = configType.value;
  if (typeUrl.endsWith(`/${HttpConnectionManagerSchema.typeName}`)) {
    const { routeSpecifier: from } = fromBinary(HttpConnectionManagerSchema, value);
    if (from.case === "rds") return { routes: [from.value.routeConfigName] };
    if (from.case !== "routeConfig") return {};
    const ways = waysOf(from.value);
    return from.value.validateClusters === false ? { ways } : { ways, requires: ways.map(({ cluster }) => cluster) };
  }
  if (!typeUrl.endsWith(`/${TcpProxySchema.typeName}`)) return {};
  const { clusterSpecifier: to } = fromBinary(TcpProxySchema, value);
  if (to.case === "cluster") return { ways: [{ cluster: to.value, retryMs: 0 }] };
  return { ways: (to.value?.clusters ?? []).map(({ name }) => ({ cluster: name, retryMs: 0 })) };
}

function textOf(address: Address | undefined): string[] {
  const socket = address?.address.case === "socketAddress" ? address.address.value : undefined;
  if (socket === undefined || !socket.portSpecifier.value) return [];
  const protocol = socket.protocol === SocketAddress_Protocol.UDP ? "udp" : "tcp";
  return [`${socket.address}:${socket.portSpecifier.value}/${protocol}`];
}
