import { create, toJson } from "@bufbuild/protobuf";
import { type Cluster, ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { HealthCheckSchema } from "@rxds/envoy-api/envoy/config/core/v3/health_check";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import { describe, expect, test } from "vitest";
import { dnsCluster } from "./dns-cluster.js";
import { edsCluster } from "./eds-cluster.js";
import { staticCluster } from "./static-cluster.js";
import { upstreamTls } from "./upstream-tls.js";

function json(cluster: Cluster) {
  return toJson(ClusterSchema, cluster, { registry: envoyRegistry() });
}

const ads = { ads: {}, resourceApiVersion: "V3" };

describe("edsCluster", () => {
  test("asks for endpoints over ADS", () => {
    expect(json(edsCluster({ name: "echo" }))).toEqual({
      name: "echo",
      type: "EDS",
      edsClusterConfig: { edsConfig: ads },
    });
  });

  test("asks for them under the service name", () => {
    expect(json(edsCluster({ name: "echo", serviceName: "echo.default" }))).toMatchObject({
      edsClusterConfig: { serviceName: "echo.default" },
    });
  });

  test("carries the common options", () => {
    const cluster = edsCluster({
      name: "echo",
      connectTimeoutMs: 250,
      lbPolicy: "LEAST_REQUEST",
      http2: true,
      outlierDetection: { consecutive5xx: 3 },
      circuitBreakers: { maxConnections: 10 },
      healthCheck: { http: { path: "/ready" } },
    });
    expect(json(cluster)).toMatchObject({
      connectTimeout: "0.250s",
      lbPolicy: "LEAST_REQUEST",
      typedExtensionProtocolOptions: {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
          "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
          explicitHttpConfig: { http2ProtocolOptions: {} },
        },
      },
      outlierDetection: { consecutive5xx: 3 },
      circuitBreakers: { thresholds: [{ maxConnections: 10 }] },
      healthChecks: [
        {
          interval: "5s",
          timeout: "1s",
          healthyThreshold: 2,
          unhealthyThreshold: 3,
          httpHealthCheck: { path: "/ready" },
        },
      ],
    });
  });

  test("passes messages through", () => {
    const healthCheck = create(HealthCheckSchema, { healthChecker: { case: "tcpHealthCheck", value: {} } });
    const tls = upstreamTls({ validation: "ca" });
    const cluster = edsCluster({ name: "echo", healthCheck, tls });
    expect(cluster.healthChecks).toEqual([healthCheck]);
    expect(cluster.transportSocket).toBe(tls);
  });

  test("refuses an illegal duration and a health check without a kind, and says where", () => {
    expect(() => edsCluster({ name: "echo", connectTimeoutMs: -1 })).toThrow(
      'edsCluster("echo").connectTimeoutMs: expected a number of milliseconds, 0 or more, got -1',
    );
    expect(() => edsCluster({ name: "echo", healthCheck: {} })).toThrow(
      expect.objectContaining({ code: "missing-option", path: 'edsCluster("echo").healthCheck' }),
    );
  });
});

test("staticCluster carries its endpoints", () => {
  const socketAddress = { address: "127.0.0.1", portValue: 9001 };
  expect(json(staticCluster({ name: "echo", endpoints: ["127.0.0.1:9001"] }))).toEqual({
    name: "echo",
    type: "STATIC",
    loadAssignment: {
      clusterName: "echo",
      endpoints: [{ lbEndpoints: [{ endpoint: { address: { socketAddress } } }] }],
    },
  });
});

describe("dnsCluster", () => {
  const base = { name: "web", host: "example.com", port: 443 };
  const socketAddress = { address: "example.com", portValue: 443 };

  test("looks the host up, every address an endpoint", () => {
    expect(json(dnsCluster(base))).toEqual({
      name: "web",
      type: "STRICT_DNS",
      loadAssignment: {
        clusterName: "web",
        endpoints: [{ lbEndpoints: [{ endpoint: { address: { socketAddress } } }] }],
      },
    });
  });

  test("uses the DNS extension where the cluster's own fields are deprecated", () => {
    const cluster = dnsCluster({ ...base, type: "LOGICAL_DNS", lookupFamily: "V4_ONLY", refreshMs: 1000 });
    expect(json(cluster)).toMatchObject({
      clusterType: {
        name: "envoy.clusters.dns",
        typedConfig: { dnsLookupFamily: "V4_ONLY", dnsRefreshRate: "1s", allAddressesInSingleEndpoint: true },
      },
    });
  });

  test("sends the host as SNI unless told otherwise", () => {
    const sni = (cluster: Cluster) => json(cluster);
    expect(sni(dnsCluster({ ...base, tls: { validation: "ca" } }))).toMatchObject({
      transportSocket: { typedConfig: { sni: "example.com", autoSniSanValidation: true } },
    });
    expect(sni(dnsCluster({ ...base, tls: { validation: "ca", sni: "other" } }))).toMatchObject({
      transportSocket: { typedConfig: { sni: "other" } },
    });
  });

  test("refuses a host with a port in it", () => {
    expect(() => dnsCluster({ ...base, host: "example.com:443" })).toThrow(
      expect.objectContaining({ code: "invalid-address", path: 'dnsCluster("web").host' }),
    );
  });
});
