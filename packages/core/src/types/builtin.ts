import { TypedExtensionConfigSchema } from "@rxds/envoy-api/envoy/config/core/v3/extension";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import { RuntimeSchema } from "@rxds/envoy-api/envoy/service/runtime/v3/rtds";
import { defineResourceType, type ResourceType } from "../resource/resource-type.js";
import { clusterType } from "./cluster.js";
import { endpointsType } from "./endpoints.js";
import { listenerType } from "./listener.js";
import { namesNoCluster, OPAQUE } from "./opaque.js";
import { routesType, scopedRoutesType, virtualHostType } from "./route.js";

/**
 * SDS: a certificate, key or trust bundle. A client is never told that one is missing or gone: Envoy would go on without
 * the certificate. Envoy names no secret that it rejects, and accepts the same bytes when they come again, without using
 * them: so each goes alone.
 */
export const secretType = defineResourceType({
  schema: SecretSchema,
  label: "SDS",
  rank: 25,
  missing: "silent",
  alone: true,
  secret: true,
});

/** RTDS: a runtime layer. */
export const runtimeType = defineResourceType({ schema: RuntimeSchema, label: "RTDS", rank: 5 });

/** ECDS: an extension's configuration, named by the filter that uses it. */
export const extensionConfigType = defineResourceType({
  schema: TypedExtensionConfigSchema,
  label: "ECDS",
  rank: 28,
  traits: ({ typedConfig }) => (namesNoCluster(typedConfig) ? undefined : OPAQUE),
});

/** Envoy's own resource types, in no particular order. */
export const builtinTypes: readonly ResourceType[] = [
  clusterType,
  endpointsType,
  listenerType,
  routesType,
  scopedRoutesType,
  virtualHostType,
  secretType,
  runtimeType,
  extensionConfigType,
];
