import { create, fromBinary } from "@bufbuild/protobuf";
import {
  type Any,
  AnySchema,
  anyPack,
  StringValueSchema,
  StructSchema,
  UInt32ValueSchema,
} from "@bufbuild/protobuf/wkt";
import { type Cluster, ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { type Listener, ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import { HttpConnectionManagerSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import { UpstreamTlsContextSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/tls";
import { expect, test } from "vitest";
import { edsCluster, endpoints, httpListener, routes } from "../builders/index.js";
import { createOpaqueResource, createResource } from "../resource/create-resource.js";
import { redactedBody } from "./redacted-body.js";

const MARKER = "marker-5d1f0a";
const KEY = `-----BEGIN PRIVATE KEY-----\n${MARKER}\n-----END PRIVATE KEY-----\n`;
const inline = (text: string) => ({ specifier: { case: "inlineString" as const, value: text } });

function shown(message: Parameters<typeof createResource>[0]): Any {
  const body = redactedBody(createResource(message));
  if (body === undefined) throw new Error("nothing is shown");
  expect(Buffer.from(body).includes(MARKER)).toBe(false);
  return fromBinary(AnySchema, body);
}

const clusterOf = (any: Any): Cluster => fromBinary(ClusterSchema, any.value);
const listenerOf = (any: Any): Listener => fromBinary(ListenerSchema, any.value);

test("a body without secrets is the very same bytes", () => {
  const messages = [
    edsCluster({ name: "web", healthCheck: { http: { path: "/" } } }),
    endpoints("web", ["10.0.0.1:80"]),
    routes("main", { "/": "web" }),
    httpListener({ name: "in", port: 80, routeConfig: "main", accessLog: "stdout" }),
  ];
  for (const message of messages) {
    const resource = createResource(message);
    expect(redactedBody(resource)).toBe(resource.body);
  }
});

test("an inline key in a packed TLS context is hidden, and the rest stays", () => {
  const cluster = edsCluster({ name: "web" });
  cluster.transportSocket = {
    $typeName: "envoy.config.core.v3.TransportSocket",
    name: "tls",
    configType: {
      case: "typedConfig",
      value: anyPack(
        UpstreamTlsContextSchema,
        create(UpstreamTlsContextSchema, {
          sni: "web.example",
          commonTlsContext: {
            tlsCertificates: [
              { privateKey: inline(KEY), certificateChain: { specifier: { case: "filename", value: "/cert.pem" } } },
            ],
          },
        }),
      ),
    },
  };
  const { configType, name } = clusterOf(shown(cluster)).transportSocket ?? {};
  expect(name).toBe("tls");
  const context = fromBinary(UpstreamTlsContextSchema, configType?.value?.value ?? new Uint8Array());
  expect(context.sni).toBe("web.example");
  const [certificate] = context.commonTlsContext?.tlsCertificates ?? [];
  expect(certificate?.privateKey?.specifier).toEqual({ case: "inlineString", value: "[redacted]" });
  expect(certificate?.certificateChain?.specifier).toEqual({ case: "filename", value: "/cert.pem" });
});

test("values of headers are hidden, their names are not; credentials of gRPC are hidden", () => {
  const routing = routes("main", { "/": "web" });
  routing.requestHeadersToAdd.push({
    $typeName: "envoy.config.core.v3.HeaderValueOption",
    header: {
      $typeName: "envoy.config.core.v3.HeaderValue",
      key: "authorization",
      value: MARKER,
      rawValue: Buffer.from(MARKER),
    },
    appendAction: 0,
    keepEmptyValue: false,
  });
  const [option] = fromBinary(RouteConfigurationSchema, shown(routing).value).requestHeadersToAdd;
  expect(option?.header).toMatchObject({ key: "authorization", value: "[redacted]" });

  const cluster = create(ClusterSchema, {
    name: "web",
    edsClusterConfig: {
      edsConfig: {
        configSourceSpecifier: {
          case: "apiConfigSource",
          value: {
            grpcServices: [
              {
                targetSpecifier: {
                  case: "googleGrpc",
                  value: {
                    targetUri: "xds.example",
                    callCredentials: [{ credentialSpecifier: { case: "accessToken", value: MARKER } }],
                  },
                },
              },
            ],
          },
        },
      },
    },
  });
  expect(clusterOf(shown(cluster)).name).toBe("web");
});

test("a secret in a message in a message is hidden", () => {
  const listener = httpListener({ name: "in", port: 80, routeConfig: "main" });
  const filter = listener.filterChains[0]?.filters[0];
  if (filter?.configType.case !== "typedConfig") throw new Error("no filter");
  const manager = fromBinary(HttpConnectionManagerSchema, filter.configType.value.value);
  manager.routeSpecifier = {
    case: "routeConfig",
    value: create(RouteConfigurationSchema, {
      name: "inline",
      virtualHosts: [
        {
          name: "v",
          domains: ["*"],
          routes: [
            {
              match: { pathSpecifier: { case: "prefix", value: "/" } },
              action: { case: "directResponse", value: { status: 200, body: inline(MARKER) } },
            },
          ],
        },
      ],
    }),
  };
  filter.configType.value = anyPack(HttpConnectionManagerSchema, manager);
  expect(listenerOf(shown(listener)).name).toBe("in");
});

test("a packed message that is not known is shown by its type alone", () => {
  const cluster = edsCluster({ name: "web" });
  const text = create(StringValueSchema, { value: MARKER });
  const secret = create(SecretSchema, { name: MARKER });
  cluster.metadata = {
    $typeName: "envoy.config.core.v3.Metadata",
    filterMetadata: {},
    typedFilterMetadata: {
      unknown: anyPack(StringValueSchema, text),
      secret: anyPack(SecretSchema, secret),
      number: anyPack(UInt32ValueSchema, create(UInt32ValueSchema, { value: 7 })),
      broken: create(AnySchema, { typeUrl: "type.googleapis.com/envoy.config.cluster.v3.Cluster", value: KEY_BYTES }),
    },
  };
  const metadata = clusterOf(shown(cluster)).metadata?.typedFilterMetadata ?? {};
  expect(Object.entries(metadata).map(([key, { value }]) => [key, value.length])).toEqual([
    ["broken", 0],
    ["number", 2],
    ["secret", 0],
    ["unknown", 0],
  ]);
});

const KEY_BYTES = new TextEncoder().encode(KEY);

test("metadata, which is plain data, is shown", () => {
  const cluster = edsCluster({ name: "web" });
  cluster.metadata = {
    $typeName: "envoy.config.core.v3.Metadata",
    filterMetadata: { "envoy.lb": { canary: true } },
    typedFilterMetadata: {},
  };
  expect(clusterOf(shown(cluster)).metadata?.filterMetadata).toEqual({ "envoy.lb": { canary: true } });
});

test("nothing is shown of a secret, of a type that is not known, and of bytes that do not decode", () => {
  expect(redactedBody(createResource(create(SecretSchema, { name: "cert" })))).toBeUndefined();
  const value = new TextEncoder().encode(KEY);
  expect(redactedBody(createOpaqueResource({ typeUrl: "type.googleapis.com/none.Such", value }, "x"))).toBeUndefined();
  const typeUrl = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
  expect(redactedBody(createOpaqueResource({ typeUrl, value }, "x"))).toBeUndefined();
});

test("unknown fields are dropped", () => {
  const cluster = edsCluster({ name: "web" });
  cluster.$unknown = [{ no: 9999, wireType: 2, data: Uint8Array.from([MARKER.length, ...Buffer.from(MARKER)]) }];
  expect(clusterOf(shown(cluster)).$unknown).toBeUndefined();
});

test("a packed struct is not looked into", () => {
  const cluster = edsCluster({ name: "web" });
  const struct = create(StructSchema, { fields: { key: { kind: { case: "stringValue", value: MARKER } } } });
  cluster.metadata = {
    $typeName: "envoy.config.core.v3.Metadata",
    filterMetadata: {},
    typedFilterMetadata: { any: anyPack(StructSchema, struct) },
  };
  expect(clusterOf(shown(cluster)).metadata?.typedFilterMetadata.any?.value).toHaveLength(0);
});
