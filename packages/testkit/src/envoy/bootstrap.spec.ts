import { toJson } from "@bufbuild/protobuf";
import { BootstrapSchema } from "@rxds/envoy-api/envoy/config/bootstrap/v3/bootstrap";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import { expect, test } from "vitest";
import { type BootstrapOptions, envoyBootstrap } from "./bootstrap.js";

const json = (options: BootstrapOptions) =>
  toJson(BootstrapSchema, envoyBootstrap(options), { registry: envoyRegistry() });

test("without an xDS server there is nothing dynamic", () => {
  expect(json({})).toEqual({
    node: { id: "envoy", cluster: "test" },
    admin: { address: { socketAddress: { address: "127.0.0.1", portValue: 0 } } },
    staticResources: {},
  });
});

test("with an xDS server LDS and CDS come over one incremental stream that sends the node once", () => {
  expect(json({ ads: "127.0.0.1:18000", node: { id: "n1", metadata: { zone: "a" } } })).toMatchObject({
    node: { id: "n1", cluster: "test", metadata: { zone: "a" } },
    dynamicResources: {
      adsConfig: {
        apiType: "DELTA_GRPC",
        transportApiVersion: "V3",
        setNodeOnFirstMessageOnly: true,
        grpcServices: [{ envoyGrpc: { clusterName: "xds" } }],
      },
      cdsConfig: { ads: {}, resourceApiVersion: "V3" },
      ldsConfig: { ads: {}, resourceApiVersion: "V3" },
    },
  });
});

test("the mode `sotw` asks for the state of the world", () => {
  expect(json({ ads: "127.0.0.1:18000", mode: "sotw" })).toMatchObject({
    dynamicResources: { adsConfig: { apiType: "GRPC" } },
  });
});

test("the cluster of the xDS server speaks HTTP/2 with keepalive and stands beside static clusters", () => {
  expect(json({ ads: "127.0.0.1:18000", staticResources: { clusters: [{ name: "mine" }] } })).toMatchObject({
    staticResources: {
      clusters: [
        { name: "mine" },
        {
          name: "xds",
          type: "STATIC",
          typedExtensionProtocolOptions: {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
              explicitHttpConfig: { http2ProtocolOptions: { connectionKeepalive: { interval: "30s", timeout: "5s" } } },
            },
          },
        },
      ],
    },
  });
});

test("an xDS server by name is looked up", () => {
  expect(json({ ads: "localhost:18000" })).toMatchObject({ staticResources: { clusters: [{ type: "STRICT_DNS" }] } });
});

test("TLS names the files, and the client certificate only when there is one", () => {
  const socket = (options: BootstrapOptions["tls"] & object) => {
    const cluster = envoyBootstrap({ ads: "127.0.0.1:1", tls: options });
    return toJson(BootstrapSchema, cluster, { registry: envoyRegistry() });
  };
  const both = socket({ ca: "/ca.pem", cert: "/cert.pem", key: "/key.pem", serverName: "xds.local" });
  expect(both).toMatchObject({
    staticResources: {
      clusters: [
        {
          transportSocket: {
            typedConfig: {
              sni: "xds.local",
              commonTlsContext: {
                alpnProtocols: ["h2"],
                validationContext: { trustedCa: { filename: "/ca.pem" } },
                tlsCertificates: [
                  { certificateChain: { filename: "/cert.pem" }, privateKey: { filename: "/key.pem" } },
                ],
              },
            },
          },
        },
      ],
    },
  });
  expect(JSON.stringify(socket({ ca: "/ca.pem" }))).not.toContain("tlsCertificates");
});

test("the hook may change everything", () => {
  const bootstrap = envoyBootstrap({
    bootstrap: (draft) => {
      draft.enableDispatcherStats = true;
    },
  });
  expect(bootstrap.enableDispatcherStats).toBe(true);
});
