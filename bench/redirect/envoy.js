import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Bootstrap_StaticResourcesSchema } from "@rxds/envoy-api/envoy/config/bootstrap/v3/bootstrap";
import { Cluster_DiscoveryType } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { AddressSchema } from "@rxds/envoy-api/envoy/config/core/v3/address";
import { FilterChainSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener_components";
import { TcpProxySchema } from "@rxds/envoy-api/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy";

/** @typedef {{ readonly address: string, readonly port: number }} Door */

/** What Envoy's stats call the two listeners that lead to the backend. */
export const DIALED = "dialed";
export const REDIRECTED = "redirected";

/**
 * An Envoy that leads to one backend: by a listener that is dialed, and by those that get what was redirected, and hand it over to that of the
 * address that was dialed.
 *
 * @param {{ readonly explicit: Door, readonly rules: Door, readonly hook: Door, readonly virtual: Door, readonly backend: Door }} doors
 */
export function resourcesOf({ explicit, rules, hook, virtual, backend }) {
  const endpoint = {
    hostIdentifier: { case: /** @type {const} */ ("endpoint"), value: { address: addressOf(backend) } },
  };
  return create(Bootstrap_StaticResourcesSchema, {
    listeners: [
      { name: "explicit", address: addressOf(explicit), filterChains: [proxyTo(DIALED, "backend")] },
      redirectListener("rules", rules),
      redirectListener("hook", hook),
      {
        name: "virtual",
        address: addressOf(virtual),
        bindToPort: false,
        filterChains: [proxyTo(REDIRECTED, "backend")],
      },
    ],
    clusters: [clusterOf("backend", [{ lbEndpoints: [endpoint] }]), clusterOf("nowhere", [])],
  });
}

/** @param {string} name @param {Door} door */
function redirectListener(name, door) {
  // The filter is for what was dialed and has no listener. That cluster has no endpoint.
  const filterChains = [proxyTo("unknown", "nowhere")];
  return { name, address: addressOf(door), useOriginalDst: true, filterChains };
}

/** @param {string} name @param {{ readonly lbEndpoints: import("@bufbuild/protobuf").MessageInitShape<typeof import("@rxds/envoy-api/envoy/config/endpoint/v3/endpoint_components").LbEndpointSchema>[] }[]} endpoints */
function clusterOf(name, endpoints) {
  return {
    name,
    clusterDiscoveryType: { case: /** @type {const} */ ("type"), value: Cluster_DiscoveryType.STATIC },
    loadAssignment: { clusterName: name, endpoints },
  };
}

/** @param {string} statPrefix @param {string} cluster */
function proxyTo(statPrefix, cluster) {
  const proxy = create(TcpProxySchema, { statPrefix, clusterSpecifier: { case: "cluster", value: cluster } });
  return create(FilterChainSchema, {
    filters: [{ name: "tcp", configType: { case: "typedConfig", value: anyPack(TcpProxySchema, proxy) } }],
  });
}

/** @param {Door} door */
function addressOf({ address, port }) {
  const portSpecifier = { case: /** @type {const} */ ("portValue"), value: port };
  return create(AddressSchema, { address: { case: "socketAddress", value: { address, portSpecifier } } });
}
