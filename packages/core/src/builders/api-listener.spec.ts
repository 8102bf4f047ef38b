import { toJson } from "@bufbuild/protobuf";
import { type Listener, ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { CorsSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/cors/v3/cors";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import { expect, test } from "vitest";
import { typedConfig } from "../encode/index.js";
import { check } from "../snapshot/check.js";
import { createSnapshot } from "../snapshot/snapshot.js";
import { apiListener } from "./api-listener.js";

function json(listener: Listener) {
  return toJson(ListenerSchema, listener, { registry: envoyRegistry() });
}

test("has no address, and an HTTP connection manager that takes its routes over ADS", () => {
  expect(json(apiListener({ name: "hello", routeConfig: "main" }))).toEqual({
    name: "hello",
    apiListener: {
      apiListener: {
        "@type":
          "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        statPrefix: "hello",
        rds: { configSource: { ads: {}, resourceApiVersion: "V3" }, routeConfigName: "main" },
        httpFilters: [
          {
            name: "envoy.filters.http.router",
            typedConfig: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
          },
        ],
      },
    },
  });
});

test("takes routes inline and filters before the router, and lets the manager be changed", () => {
  const cors = { name: "envoy.filters.http.cors", typedConfig: typedConfig(CorsSchema, {}) };
  const listener = apiListener({
    name: "hello",
    routes: { "/": "blue" },
    httpFilters: [cors],
    customize: (manager) => {
      manager.statPrefix = "mine";
    },
  });
  expect(json(listener)).toMatchObject({
    apiListener: {
      apiListener: {
        statPrefix: "mine",
        routeConfig: { name: "hello", virtualHosts: [{ domains: ["*"] }] },
        httpFilters: [{ name: cors.name }, { name: "envoy.filters.http.router" }],
      },
    },
  });
});

test("is valid in a snapshot, where its route configuration is a reference", () => {
  const snapshot = createSnapshot([apiListener({ name: "hello", routeConfig: "main" })]);
  expect(check(snapshot)).toMatchObject([
    {
      severity: "warning",
      path: "api_listener.api_listener.rds.route_config_name",
      message: expect.stringContaining("main"),
    },
  ]);
});

test("wants exactly one source of routes", () => {
  expect(() => apiListener({ name: "hello" })).toThrow(
    expect.objectContaining({ code: "missing-option", path: 'apiListener("hello")' }),
  );
  expect(() => apiListener({ name: "hello", routeConfig: "a", routes: {} })).toThrow(
    expect.objectContaining({ code: "conflicting-options" }),
  );
});
