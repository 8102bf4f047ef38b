import { fromJson, type JsonObject, type JsonValue } from "@bufbuild/protobuf";
import {
  type Bootstrap_StaticResources,
  Bootstrap_StaticResourcesSchema,
} from "@rxds/envoy-api/envoy/config/bootstrap/v3/bootstrap";
import { envoyRegistry } from "@rxds/envoy-api/registry";

const FILTERS = "type.googleapis.com/envoy.extensions.filters";

/** An address and a port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A virtual service: where clients believe it is, and where it really is. */
export interface VirtualService {
  readonly protocol: "http" | "tcp";
  readonly virtual: Endpoint;
  readonly backend: Endpoint;
}

/**
 * Resources of an Envoy that gets redirected connections: it listens at `redirect`, and has for each service a listener
 * at the original destination that is not bound.
 */
export function redirectTarget(
  redirect: readonly Endpoint[],
  services: readonly VirtualService[],
): Bootstrap_StaticResources {
  const json: JsonObject = {
    listeners: [
      ...redirect.map((at) => ({
        name: `redirect ${at.address}`,
        address: socketAddress(at),
        useOriginalDst: true,
        // For what has no listener; the cluster has no endpoint.
        filterChains: [{ filters: [tcpProxy("nowhere")] }],
      })),
      ...services.map(({ protocol, virtual }) => {
        const name = nameOf(virtual);
        const filter = protocol === "http" ? httpManager(name) : tcpProxy(name);
        return { name, address: socketAddress(virtual), bindToPort: false, filterChains: [{ filters: [filter] }] };
      }),
    ],
    clusters: [cluster("nowhere", []), ...services.map(({ virtual, backend }) => cluster(nameOf(virtual), [backend]))],
  };
  return fromJson(Bootstrap_StaticResourcesSchema, json, { registry: envoyRegistry() });
}

/** Resources of an Envoy that forwards datagrams that arrive at `at`. */
export function udpForwarder(at: Endpoint, backend: Endpoint): Bootstrap_StaticResources {
  const filter = {
    name: "envoy.filters.udp_listener.udp_proxy",
    typedConfig: {
      "@type": `${FILTERS}.udp.udp_proxy.v3.UdpProxyConfig`,
      statPrefix: "udp",
      matcher: {
        onNoMatch: {
          action: {
            name: "route",
            typedConfig: { "@type": `${FILTERS}.udp.udp_proxy.v3.Route`, cluster: "udp" },
          },
        },
      },
    },
  };
  const json: JsonObject = {
    listeners: [{ name: "udp", address: socketAddress(at, "UDP"), listenerFilters: [filter] }],
    clusters: [cluster("udp", [backend])],
  };
  return fromJson(Bootstrap_StaticResourcesSchema, json, { registry: envoyRegistry() });
}

function nameOf({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

function socketAddress({ address, port }: Endpoint, protocol = "TCP"): JsonObject {
  return { socketAddress: { protocol, address, portValue: port } };
}

function cluster(name: string, endpoints: readonly Endpoint[]): JsonValue {
  const lbEndpoints = endpoints.map((endpoint) => ({ endpoint: { address: socketAddress(endpoint) } }));
  return { name, connectTimeout: "1s", loadAssignment: { clusterName: name, endpoints: [{ lbEndpoints }] } };
}

function tcpProxy(name: string): JsonObject {
  return {
    name: "envoy.filters.network.tcp_proxy",
    typedConfig: { "@type": `${FILTERS}.network.tcp_proxy.v3.TcpProxy`, statPrefix: "tcp", cluster: name },
  };
}

function httpManager(name: string): JsonObject {
  return {
    name: "envoy.filters.network.http_connection_manager",
    typedConfig: {
      "@type": `${FILTERS}.network.http_connection_manager.v3.HttpConnectionManager`,
      statPrefix: "http",
      // So that the backend is told in x-forwarded-for who connected.
      useRemoteAddress: true,
      routeConfig: {
        virtualHosts: [{ name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: name } }] }],
      },
      httpFilters: [
        {
          name: "envoy.filters.http.router",
          typedConfig: { "@type": `${FILTERS}.http.router.v3.Router` },
        },
      ],
    },
  };
}
