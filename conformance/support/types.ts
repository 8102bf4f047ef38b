import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Cluster_DiscoveryType, ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { AddressSchema, SocketAddressSchema } from "@rxds/envoy-api/envoy/config/core/v3/address";
import { DataSourceSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import {
  AggregatedConfigSourceSchema,
  ApiVersion,
  ConfigSourceSchema,
} from "@rxds/envoy-api/envoy/config/core/v3/config_source";
import { TypedExtensionConfigSchema } from "@rxds/envoy-api/envoy/config/core/v3/extension";
import { ClusterLoadAssignmentSchema } from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint";
import { EndpointSchema } from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint_components";
import { ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import { VirtualHostSchema } from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import {
  ScopedRouteConfiguration_Key_FragmentSchema,
  ScopedRouteConfigurationSchema,
} from "@rxds/envoy-api/envoy/config/route/v3/scoped_route";
import { BufferSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/buffer/v3/buffer";
import { GenericSecretSchema, SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import { RuntimeSchema } from "@rxds/envoy-api/envoy/service/runtime/v3/rtds";

/** A resource as the suite knows it. */
export interface Item {
  readonly typeUrl: string;
  readonly name: string;
  readonly value: Uint8Array;
  readonly aliases?: readonly string[];
  readonly ttlMs?: number;
}

/** A type of resource, and the service that serves nothing else. */
export interface Type {
  /** "CDS" */
  readonly label: string;
  readonly typeUrl: string;
  readonly service: string;
  /** What the methods' names end with. */
  readonly method: string;
  /** A resource whose content follows the revision. */
  readonly build: (name: string, revision?: number) => Item;
  /** The name in the bytes of a message. */
  readonly nameIn: (value: Uint8Array) => string;
}

function define<Desc extends DescMessage>(
  label: string,
  service: string,
  method: string,
  schema: Desc,
  fields: (name: string, revision: number) => MessageInitShape<Desc>,
  nameOf: (message: MessageShape<Desc>) => string,
): Type {
  const typeUrl = `type.googleapis.com/${schema.typeName}`;
  const build = (name: string, revision = 1): Item => ({
    typeUrl,
    name,
    value: toBinary(schema, create(schema, fields(name, revision))),
  });
  return {
    label,
    typeUrl,
    service: `envoy.service.${service}DiscoveryService`,
    method,
    build,
    nameIn: (value) => nameOf(fromBinary(schema, value)),
  };
}

const socket = (port: number) => {
  const portSpecifier = { case: "portValue" as const, value: port };
  const value = create(SocketAddressSchema, { address: "127.0.0.1", portSpecifier });
  return create(AddressSchema, { address: { case: "socketAddress", value } });
};

/** A source of configuration that is the aggregated stream. */
const ads = create(ConfigSourceSchema, {
  resourceApiVersion: ApiVersion.V3,
  configSourceSpecifier: { case: "ads", value: create(AggregatedConfigSourceSchema) },
});

/** A cluster whose endpoints come over EDS, under its name or another. */
export function clusterFields(
  name: string,
  revision: number,
  serviceName = "",
): MessageInitShape<typeof ClusterSchema> {
  return {
    name,
    connectTimeout: { seconds: BigInt(revision) },
    clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.EDS },
    edsClusterConfig: { serviceName, edsConfig: ads },
  };
}

export const CDS = define(
  "CDS",
  "cluster.v3.Cluster",
  "Clusters",
  ClusterSchema,
  clusterFields,
  (message) => message.name,
);

export const EDS = define(
  "EDS",
  "endpoint.v3.Endpoint",
  "Endpoints",
  ClusterLoadAssignmentSchema,
  (clusterName, revision) => {
    const value = create(EndpointSchema, { address: socket(9000 + revision) });
    return { clusterName, endpoints: [{ lbEndpoints: [{ hostIdentifier: { case: "endpoint" as const, value } }] }] };
  },
  (message) => message.clusterName,
);

export const LDS = define(
  "LDS",
  "listener.v3.Listener",
  "Listeners",
  ListenerSchema,
  (name, revision) => ({ name, address: socket(10_000 + revision) }),
  (message) => message.name,
);

export const RDS = define(
  "RDS",
  "route.v3.Route",
  "Routes",
  RouteConfigurationSchema,
  (name, revision) => ({ name, virtualHosts: [{ name: `host-${revision}`, domains: ["*"] }] }),
  (message) => message.name,
);

export const SRDS = define(
  "SRDS",
  "route.v3.ScopedRoutes",
  "ScopedRoutes",
  ScopedRouteConfigurationSchema,
  (name, revision) => ({
    name,
    routeConfigurationName: `routes-${revision}`,
    key: {
      fragments: [create(ScopedRouteConfiguration_Key_FragmentSchema, { type: { case: "stringKey", value: name } })],
    },
  }),
  (message) => message.name,
);

export const VHDS = define(
  "VHDS",
  "route.v3.VirtualHost",
  "VirtualHosts",
  VirtualHostSchema,
  (name, revision) => ({ name, domains: [`v${revision}.example.com`] }),
  (message) => message.name,
);

export const SDS = define(
  "SDS",
  "secret.v3.Secret",
  "Secrets",
  SecretSchema,
  (name, revision) => {
    const secret = create(DataSourceSchema, { specifier: { case: "inlineString", value: `token-${revision}` } });
    return { name, type: { case: "genericSecret" as const, value: create(GenericSecretSchema, { secret }) } };
  },
  (message) => message.name,
);

export const RTDS = define(
  "RTDS",
  "runtime.v3.Runtime",
  "Runtime",
  RuntimeSchema,
  (name, revision) => ({ name, layer: { revision } }),
  (message) => message.name,
);

export const ECDS = define(
  "ECDS",
  "extension.v3.ExtensionConfig",
  "ExtensionConfigs",
  TypedExtensionConfigSchema,
  (name, revision) => ({
    name,
    typedConfig: anyPack(BufferSchema, create(BufferSchema, { maxRequestBytes: revision })),
  }),
  (message) => message.name,
);

/** Every type that has a service of its own. */
export const types: readonly Type[] = [CDS, EDS, LDS, RDS, SRDS, VHDS, SDS, RTDS, ECDS];

/** What is known of a type URL; undefined: a type of some test. */
export function typeOf(typeUrl: string): Type | undefined {
  return types.find((type) => type.typeUrl === typeUrl);
}
