import { create, fromBinary } from "@bufbuild/protobuf";
import { type Any, anyUnpack, StringValueSchema } from "@bufbuild/protobuf/wkt";
import {
  createResource,
  defineResourceType,
  edsCluster,
  endpoints,
  httpListener,
  type Resource,
  registerResourceType,
  routes,
  typeUrls,
} from "@rxds/core";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { ClusterLoadAssignmentSchema } from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint";
import { ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";

/** The types that histories are made of: of each behaviour one, and one that only a user knows. */
export const KINDS = ["cluster", "endpoints", "listener", "routes", "secret", "custom"] as const;
export type Kind = (typeof KINDS)[number];

/** A resource as the tests see it: real messages carry the value in some field of theirs. */
export interface Sample {
  readonly kind: Kind;
  readonly name: string;
  readonly value: number;
}

/** A user-defined type: `NAME=VALUE` in a StringValue. */
export const customType = registerResourceType(
  defineResourceType({ schema: StringValueSchema, label: "custom", nameOf: ({ value }) => value.split("=")[0]! }),
);

export const KIND_URLS: Readonly<Record<Kind, string>> = {
  cluster: typeUrls.cluster,
  endpoints: typeUrls.endpoints,
  listener: typeUrls.listener,
  routes: typeUrls.routes,
  secret: typeUrls.secret,
  custom: customType.typeUrl,
};

/** A type that nobody has registered. */
export const UNKNOWN_URL = "type.googleapis.com/rxds.test.Unknown";

const BY_URL = new Map(KINDS.map((kind) => [KIND_URLS[kind], kind]));

/** The kind of a type URL. @throws for one that no sample has. */
export function kindOf(typeUrl: string): Kind {
  const kind = BY_URL.get(typeUrl);
  if (kind === undefined) throw new Error(`nobody asked for the type ${typeUrl}`);
  return kind;
}

/** Omission of a resource is its deletion (LDS and CDS in state of the world). */
export const isFullState = (kind: Kind): boolean => kind === "cluster" || kind === "listener";

const made = new Map<string, Resource>();

/** The resource of a sample; the same object for the same sample. */
export function resourceOf(sample: Sample): Resource {
  const key = `${sample.kind} ${sample.name} ${sample.value}`;
  let resource = made.get(key);
  if (resource === undefined) {
    resource = createResource(messageOf(sample));
    made.set(key, resource);
  }
  return resource;
}

function messageOf({ kind, name, value }: Sample) {
  switch (kind) {
    case "cluster":
      return edsCluster({ name, connectTimeoutMs: 1000 + value });
    case "endpoints":
      return endpoints(name, [`127.0.0.1:${9000 + value}`]);
    case "listener":
      return httpListener({ name, address: "127.0.0.1", port: 10_000 + value, routeConfig: name });
    case "routes":
      return routes(name, { [`/${value}`]: "a" });
    case "secret":
      return create(SecretSchema, {
        name,
        type: { case: "genericSecret", value: { secret: { specifier: { case: "inlineString", value: `${value}` } } } },
      });
    case "custom":
      return create(StringValueSchema, { value: `${name}=${value}` });
  }
}

const read = new Map<string, Sample>();

/** The sample of a resource on the wire. */
export function sampleOf(any: Any): Sample {
  const key = `${any.typeUrl}\0${Buffer.from(any.value).toString("latin1")}`;
  let sample = read.get(key);
  if (sample === undefined) {
    sample = decode(any);
    read.set(key, sample);
  }
  return sample;
}

function decode(any: Any): Sample {
  const kind = kindOf(any.typeUrl);
  switch (kind) {
    case "cluster": {
      const { name, connectTimeout } = fromBinary(ClusterSchema, any.value);
      const ms = Number(connectTimeout!.seconds) * 1000 + connectTimeout!.nanos / 1e6;
      return { kind, name, value: Math.round(ms) - 1000 };
    }
    case "endpoints": {
      const { clusterName: name, endpoints: groups } = fromBinary(ClusterLoadAssignmentSchema, any.value);
      const host = groups[0]!.lbEndpoints[0]!.hostIdentifier;
      const address = host.case === "endpoint" ? host.value.address : undefined;
      return { kind, name, value: portOf(address?.address) - 9000 };
    }
    case "listener": {
      const { name, address } = fromBinary(ListenerSchema, any.value);
      return { kind, name, value: portOf(address?.address) - 10_000 };
    }
    case "routes": {
      const { name, virtualHosts } = fromBinary(RouteConfigurationSchema, any.value);
      const path = virtualHosts[0]!.routes[0]!.match!.pathSpecifier.value;
      return { kind, name, value: Number(String(path).slice(1)) };
    }
    case "secret": {
      const { name, type } = fromBinary(SecretSchema, any.value);
      const secret = type.case === "genericSecret" ? type.value.secret?.specifier.value : undefined;
      return { kind, name, value: Number(secret) };
    }
    case "custom": {
      const [name, value] = anyUnpack(any, StringValueSchema)!.value.split("=");
      return { kind, name: name!, value: Number(value) };
    }
  }
}

function portOf(address: { readonly case?: string | undefined; readonly value?: unknown } | undefined): number {
  const value = address?.case === "socketAddress" ? address.value : undefined;
  const specifier =
    typeof value === "object" && value !== null && "portSpecifier" in value ? value.portSpecifier : undefined;
  if (typeof specifier !== "object" || specifier === null || !("value" in specifier))
    throw new Error("no port in an address");
  return Number(specifier.value);
}
