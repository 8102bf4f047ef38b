import { create } from "@bufbuild/protobuf";
import { TypedExtensionConfigSchema } from "@rxds/envoy-api/envoy/config/core/v3/extension";
import { type RouteConfiguration, RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import { RouteSchema } from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { RouterSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/router/v3/router";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import {
  createOpaqueResource,
  createResource,
  edsCluster,
  endpoints,
  httpListener,
  type Resource,
  type ResourceItem,
  route,
  routes,
  tlsCertificate,
  typedConfig,
  virtualHost,
} from "rxds";
import {
  aborts,
  ca,
  clusters,
  endpointLists,
  extensionConfigs,
  listeners,
  NOBODY,
  type RejectionType,
  routeConfigs,
  secrets,
} from "./rejection-types.js";

/** A reason for Envoy to reject a response. */
export interface RejectionKind {
  /** The reason in words, for the test's name. */
  readonly reason: string;
  readonly of: RejectionType;
  /** What Envoy says of it. */
  readonly words: RegExp;
  /** A resource that Envoy refuses and the server does not. `busyPort`: a port of 127.0.0.1 that is taken. */
  readonly bad: (name: string, busyPort: number) => ResourceItem | Promise<ResourceItem>;
  /**
   * Envoy rejects it only the first time, and takes the same bytes for no news when they come again, be it on a new stream.
   */
  readonly once?: boolean;
}

/** A PEM block without a certificate. */
const NO_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

/** Envoy decodes no message from it: a string of five bytes of which one is there. */
const TORN = new Uint8Array([0x0a, 5, 97]);

/** A resource as if the server's own check knew nothing of what is wrong with it. */
const unchecked = (resource: Resource): Resource => ({ ...resource, problems: undefined });

function withHostTwice(name: string, domain: string): RouteConfiguration {
  const host = virtualHost({ domains: [domain], routes: { "/": { directResponse: { status: 200 } } } });
  return create(RouteConfigurationSchema, { name, virtualHosts: [host, { ...host, name: "again" }] });
}

const torn = (of: RejectionType): RejectionKind => ({
  of,
  reason: "it can't be decoded",
  words: /./,
  bad: (name) => unchecked(createOpaqueResource({ typeUrl: of.type, value: TORN }, name)),
});

export const rejectionKinds: readonly RejectionKind[] = [
  {
    of: clusters,
    reason: "it can't be made",
    words: /Error adding\/updating cluster\(s\)/,
    bad: (name) => edsCluster({ name, tls: { validation: { ca: NO_CERTIFICATE } } }),
  },
  {
    of: clusters,
    reason: "a field breaks its rule",
    words: /ConnectTimeout/,
    bad: (name) => ({
      ...edsCluster({ name }),
      connectTimeout: { $typeName: "google.protobuf.Duration", seconds: 0n, nanos: 0 },
    }),
  },
  torn(clusters),
  {
    of: endpointLists,
    reason: "an address is malformed",
    words: /malformed IP address/,
    bad(name) {
      const message = endpoints(name, [NOBODY]);
      const host = message.endpoints[0]?.lbEndpoints[0]?.hostIdentifier;
      const address = host?.case === "endpoint" ? host.value.address?.address : undefined;
      if (address?.case === "socketAddress") address.value.address = "no.address";
      return unchecked(createResource(message));
    },
  },
  {
    of: endpointLists,
    reason: "a path is too long",
    words: /path/i,
    bad: (name) => endpoints(name, [`unix:/${"long".repeat(50)}`]),
  },
  {
    of: endpointLists,
    reason: "a field breaks its rule",
    words: /LoadBalancingWeight/,
    bad(name) {
      const message = endpoints(name, [NOBODY]);
      message.endpoints[0]!.lbEndpoints[0]!.loadBalancingWeight = 0;
      return message;
    },
  },
  torn(endpointLists),
  {
    of: listeners,
    reason: "it can't be made",
    words: /Error adding\/updating listener\(s\).*unknown cluster/,
    bad: (name) => httpListener({ name, port: 0, routes: { "/": "nowhere" } }),
  },
  {
    of: listeners,
    reason: "its address is in use",
    words: /Address already in use/,
    bad: (name, port) => httpListener({ name, port, routes: { "/": { directResponse: { status: 200 } } } }),
  },
  {
    of: listeners,
    reason: "a field breaks its rule",
    words: /Name/,
    bad(name) {
      const message = httpListener({ name, port: 0, routes: { "/": { directResponse: { status: 200 } } } });
      message.filterChains[0]!.filters[0]!.name = "";
      return message;
    },
  },
  torn(listeners),
  {
    of: routeConfigs,
    reason: "a domain is there twice",
    words: /Only unique values for domains/,
    bad: (name) => withHostTwice(name, "shop.example"),
  },
  {
    of: routeConfigs,
    reason: "there are two hosts for all domains",
    words: /Only a single wildcard domain/,
    bad: (name) => withHostTwice(name, "*"),
  },
  {
    of: routeConfigs,
    reason: "a pattern is malformed",
    words: /missing \)/,
    bad: (name) => routes(name, [route({ regex: "((", directResponse: { status: 200 } })]),
  },
  {
    of: routeConfigs,
    reason: "a field breaks its rule",
    words: /Match: value is required/,
    // Its virtual host is called as an innocent route configuration is.
    bad(name) {
      const noMatch = create(RouteSchema, { action: { case: "directResponse", value: { status: 200 } } });
      return routes(name, [{ name: "blog", routes: [noMatch] }]);
    },
  },
  torn(routeConfigs),
  {
    of: extensionConfigs,
    reason: "it is for another filter",
    words: /type/,
    bad: (name) => create(TypedExtensionConfigSchema, { name, typedConfig: typedConfig(RouterSchema, {}) }),
  },
  { of: extensionConfigs, reason: "a field breaks its rule", words: /HttpStatus/, bad: (name) => aborts(name, 700) },
  torn(extensionConfigs),
  {
    of: secrets,
    reason: "there is no certificate in it",
    once: true,
    words: /./,
    bad: async (name) => tlsCertificate(name, { ...(await ca.issue(name)), cert: NO_CERTIFICATE }),
  },
  {
    of: secrets,
    reason: "the key is another's",
    once: true,
    words: /./,
    bad: async (name) => tlsCertificate(name, { ...(await ca.issue(name)), key: (await ca.issue("another")).key }),
  },
  {
    of: secrets,
    reason: "a field breaks its rule",
    words: /./,
    bad: (name) => create(SecretSchema, { name, type: { case: "tlsCertificate", value: { certificateChain: {} } } }),
  },
  torn(secrets),
];
