import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import type { Bootstrap_StaticResourcesSchema } from "@rxds/envoy-api/envoy/config/bootstrap/v3/bootstrap";
import { RouterSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/router/v3/router";
import { HttpConnectionManagerSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";

/** A static listener on a free port that sends everything to an address. */
export function staticListener(name: string, port: number): MessageInitShape<typeof Bootstrap_StaticResourcesSchema> {
  const socketAddress = (portValue: number) => ({
    address: {
      case: "socketAddress" as const,
      value: { address: "127.0.0.1", portSpecifier: { case: "portValue" as const, value: portValue } },
    },
  });
  const http = create(HttpConnectionManagerSchema, {
    statPrefix: name,
    routeSpecifier: {
      case: "routeConfig",
      value: {
        virtualHosts: [
          {
            name: "all",
            domains: ["*"],
            routes: [
              {
                match: { pathSpecifier: { case: "prefix", value: "/" } },
                action: { case: "route", value: { clusterSpecifier: { case: "cluster", value: "upstream" } } },
              },
            ],
          },
        ],
      },
    },
    httpFilters: [
      {
        name: "envoy.filters.http.router",
        configType: { case: "typedConfig", value: anyPack(RouterSchema, create(RouterSchema)) },
      },
    ],
  });
  return {
    listeners: [
      {
        name,
        address: socketAddress(0),
        filterChains: [
          {
            filters: [
              {
                name: "envoy.filters.network.http_connection_manager",
                configType: { case: "typedConfig", value: anyPack(HttpConnectionManagerSchema, http) },
              },
            ],
          },
        ],
      },
    ],
    clusters: [
      {
        name: "upstream",
        loadAssignment: {
          clusterName: "upstream",
          endpoints: [
            { lbEndpoints: [{ hostIdentifier: { case: "endpoint", value: { address: socketAddress(port) } } }] },
          ],
        },
      },
    ],
  };
}
