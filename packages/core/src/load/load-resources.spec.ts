import { create, createFileRegistry, equals, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import {
  anyUnpack,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { Cluster_DiscoveryType, ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { TypedExtensionConfigSchema } from "@rxds/envoy-api/envoy/config/core/v3/extension";
import { ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { HttpConnectionManagerSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import { describe, expect, test } from "vitest";
import { edsCluster, endpoints, httpListener, routes, tlsCertificate } from "../builders/index.js";
import { encodeMessage } from "../encode/index.js";
import { load } from "./load-resources.js";

/** Binary form: registry and generated descriptors make equal bytes of equal messages. */
function bytes(messages: readonly Message[]): [string, Uint8Array][] {
  return messages.map((message) => {
    const schema = envoyRegistry().getMessage(message.$typeName);
    if (schema === undefined) throw new Error(`no ${message.$typeName}`);
    return [message.$typeName, encodeMessage(schema, message)];
  });
}

function expectSame(loaded: readonly Message[], expected: readonly Message[]): void {
  expect(bytes(loaded)).toEqual(bytes(expected));
}

const stream = `
# Everything that the quick start has, one document each.
---
"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
name: echo
type: EDS
eds_cluster_config:
  eds_config: { ads: {}, resource_api_version: V3 }
---
"@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
clusterName: echo
endpoints:
  - lbEndpoints:
      - endpoint: { address: { socketAddress: { address: 127.0.0.1, portValue: 9001 } } }
---
"@type": type.googleapis.com/envoy.config.listener.v3.Listener
name: ingress
address:
  socket_address: { address: 127.0.0.1, port_value: 10000 }
filter_chains:
  - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: ingress
          rds:
            route_config_name: main
            config_source: { ads: {}, resource_api_version: V3 }
          http_filters:
            - name: envoy.filters.http.router
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
---
# An empty document is nothing.
---
- "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
  name: main
  virtual_hosts:
    - name: main
      domains: ["*"]
      routes:
        - match: { prefix: / }
          route: { cluster: echo }
`;

describe("load", () => {
  test("reads a stream of documents as what the builders make", () => {
    expectSame(load(stream), [
      edsCluster({ name: "echo" }),
      endpoints("echo", ["127.0.0.1:9001"]),
      httpListener({ name: "ingress", port: 10_000, routeConfig: "main" }),
      routes("main", { "/": "echo" }),
    ]);
  });

  test("reads JSON, also with tabs", () => {
    const cluster = {
      "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
      name: "a",
      connectTimeout: "0.250s",
    };
    for (const text of [JSON.stringify(cluster), JSON.stringify([cluster], undefined, "\t")]) {
      expectSame(load(text), [create(ClusterSchema, { name: "a", connectTimeout: { nanos: 250_000_000 } })]);
    }
  });

  test("reads nothing from an empty text", () => {
    expect(load("")).toEqual([]);
    expect(load("# only a comment\n---\n---\n")).toEqual([]);
  });

  test("reads the file format of path_config_source", () => {
    const text = `
version_info: "7"
type_url: type.googleapis.com/envoy.config.cluster.v3.Cluster
resources:
  - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
    name: a
  - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
    name: b
`;
    const expected = ["a", "b"].map((name) => create(ClusterSchema, { name }));
    expectSame(load(text), expected);
    expectSame(load(`"@type": type.googleapis.com/envoy.service.discovery.v3.DiscoveryResponse${text}`), expected);
  });

  const bootstrap = `
node: { id: a }
admin: {}
static_resources:
  listeners:
    - name: l
  clusters:
    - name: c
      type: STATIC
  secrets:
    - name: s
`;
  const fromBootstrap = [
    create(ListenerSchema, { name: "l" }),
    create(ClusterSchema, {
      name: "c",
      clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.STATIC },
    }),
    create(SecretSchema, { name: "s" }),
  ];

  test("reads the static resources of a bootstrap and passes over what the caller names", () => {
    expectSame(load(bootstrap, { ignoreBootstrap: true }), fromBootstrap);
    expectSame(load(bootstrap, { ignoreBootstrap: ["node", "admin"] }), fromBootstrap);
    const typed = `"@type": type.googleapis.com/envoy.config.bootstrap.v3.Bootstrap${bootstrap}`;
    expectSame(load(typed, { ignoreBootstrap: true }), fromBootstrap);
    expect(load("static_resources:\n")).toEqual([]);
    expect(load("staticResources: { clusters: }")).toEqual([]);
  });

  test("resolves anchors, aliases and merge keys", () => {
    const text = `
- &base
  "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: a
  connect_timeout: 1s
  eds_cluster_config: &eds { service_name: s }
- <<: *base
  name: b
- <<: [{ name: c, connect_timeout: 2s }, *base]
  eds_cluster_config: { <<: *eds }
`;
    const eds = { edsClusterConfig: { serviceName: "s" } };
    expectSame(load(text), [
      create(ClusterSchema, { name: "a", connectTimeout: { seconds: 1n }, ...eds }),
      create(ClusterSchema, { name: "b", connectTimeout: { seconds: 1n }, ...eds }),
      create(ClusterSchema, { name: "c", connectTimeout: { seconds: 2n }, ...eds }),
    ]);
  });

  test("a merge key in quotes is a key like any other", () => {
    const text = `{ "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster, metadata: { filter_metadata: { a: { "<<": 1 } } } }`;
    expectSame(load(text), [create(ClusterSchema, { metadata: { filterMetadata: { a: { "<<": 1 } } } })]);
  });

  test("an anchor may be used many times", () => {
    const items = Array.from({ length: 2000 }, (_, i) => `- { <<: *base, name: c${i} }`);
    const text = `- &base { "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster, name: x }\n${items.join("\n")}`;
    expect(load(text)).toHaveLength(2001);
  });

  test("keeps every digit of 64-bit numbers and takes numbers in quotes", () => {
    const [cluster] = load(`
"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
name: a
per_connection_buffer_limit_bytes: "4294967295"
ring_hash_lb_config: { minimum_ring_size: 8388607, maximum_ring_size: 18446744073709551615 }
`);
    expect(cluster).toMatchObject({
      perConnectionBufferLimitBytes: 4_294_967_295,
      lbConfig: { value: { minimumRingSize: 8_388_607n, maximumRingSize: 18_446_744_073_709_551_615n } },
    });
  });

  test("null means not given, as proto3 JSON has it", () => {
    const text = `{ "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster, name: a, lb_policy: null, health_checks: }`;
    expectSame(load(text), [create(ClusterSchema, { name: "a" })]);
  });

  test("packs maps inside an Any in an order that does not depend on the file's", () => {
    const listener = (keys: string[]) => `
"@type": type.googleapis.com/envoy.config.listener.v3.Listener
name: l
filter_chains:
- filters:
  - name: f
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
      route_config:
        metadata: { filter_metadata: { a: { ${keys.map((key) => `${key}: [{ ${keys.map((k) => `${k}: 1`).join(", ")} }]`).join(", ")} } } }
`;
    const one = load(listener(["x", "y", "10", "9"]));
    expectSame(load(listener(["9", "10", "y", "x"])), one);
    const listenerBytes = bytes(one)[0]?.[1] ?? new Uint8Array();
    const filter = fromBinary(ListenerSchema, listenerBytes).filterChains[0]?.filters[0]?.configType;
    const any = filter?.case === "typedConfig" ? filter.value : undefined;
    const manager = any && anyUnpack(any, HttpConnectionManagerSchema);
    expect(manager && encodeMessage(HttpConnectionManagerSchema, manager)).toEqual(any?.value);
    expect(any?.value.length).toBeGreaterThan(20);
  });

  test("takes types from the caller's registry", () => {
    const own = createFileRegistry(
      create(FileDescriptorSetSchema, {
        file: [
          create(FileDescriptorProtoSchema, {
            name: "own.proto",
            package: "own",
            syntax: "proto3",
            messageType: [
              {
                name: "Filter",
                field: [
                  { name: "some_text", number: 1, type: Type.STRING, label: Label.OPTIONAL, jsonName: "someText" },
                ],
              },
            ],
          }),
        ],
      }),
    );
    const text = `
"@type": type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig
name: x
typed_config: { "@type": type.googleapis.com/own.Filter, some_text: a }
`;
    expectSame(load(text, { registry: own }), [
      create(TypedExtensionConfigSchema, {
        name: "x",
        typedConfig: { typeUrl: "type.googleapis.com/own.Filter", value: new Uint8Array([10, 1, 97]) },
      }),
    ]);
    expect(() => load(text)).toThrow("unknown type");
  });

  test("reads secrets", () => {
    const cert = "-----BEGIN CERTIFICATE-----\nAAAA\n";
    const text = `
"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
name: s
tls_certificate:
  certificate_chain:
    inline_string: |
      -----BEGIN CERTIFICATE-----
      AAAA
  private_key: { inline_string: ${JSON.stringify(cert)} }
`;
    expectSame(load(text), [tlsCertificate("s", { cert, key: cert })]);
  });

  test("messages have no trace of how they were read", () => {
    const [cluster] = load('"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster\nname: a');
    const plain = create(ClusterSchema, { name: "a" });
    expect(cluster).toEqual(plain);
    expect(equals(ClusterSchema, fromBinary(ClusterSchema, toBinary(ClusterSchema, plain)), plain)).toBe(true);
  });
});
