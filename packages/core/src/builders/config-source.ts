import { create } from "@bufbuild/protobuf";
import { ApiVersion, type ConfigSource, ConfigSourceSchema } from "@rxds/envoy-api/envoy/config/core/v3/config_source";
import {
  type SdsSecretConfig,
  SdsSecretConfigSchema,
} from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";

/**
 * The config source that says: over the aggregated stream (ADS) that the client has open already, version 3 of the API.
 */
export function adsConfigSource(): ConfigSource {
  return create(ConfigSourceSchema, {
    configSourceSpecifier: { case: "ads", value: {} },
    resourceApiVersion: ApiVersion.V3,
  });
}

/** A reference to a secret that the control plane delivers (SDS over ADS). */
export function adsSecret(name: string): SdsSecretConfig {
  return create(SdsSecretConfigSchema, { name, sdsConfig: adsConfigSource() });
}
