import type { TransportSocket } from "@rxds/envoy-api/envoy/config/core/v3/base";
import type { SdsSecretConfig } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import {
  type CommonTlsContext,
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
} from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/tls";
import type { Reference } from "../resource/resource.js";
import { typeUrls } from "./type-urls.js";
import { unpack } from "./unpack.js";

/** The secrets that a transport socket asks of the control plane. */
export function tlsReferences(socket: TransportSocket | undefined, at: string): Reference[] {
  const any = socket?.configType.case === "typedConfig" ? socket.configType.value : undefined;
  const path = `${at}.typed_config.common_tls_context`;
  const upstream = unpack(any, UpstreamTlsContextSchema)?.commonTlsContext;
  if (upstream !== undefined) return secretReferences(upstream, path);
  const downstream = unpack(any, DownstreamTlsContextSchema);
  const references = downstream?.commonTlsContext ? secretReferences(downstream.commonTlsContext, path) : [];
  if (downstream?.sessionTicketKeysType.case === "sessionTicketKeysSdsSecretConfig") {
    push(
      references,
      downstream.sessionTicketKeysType.value,
      `${at}.typed_config.session_ticket_keys_sds_secret_config`,
    );
  }
  return references;
}

function secretReferences(context: CommonTlsContext, at: string): Reference[] {
  const references: Reference[] = [];
  context.tlsCertificateSdsSecretConfigs.forEach((config, i) => {
    push(references, config, `${at}.tls_certificate_sds_secret_configs[${i}]`);
  });
  const validation = context.validationContextType;
  if (validation.case === "validationContextSdsSecretConfig") {
    push(references, validation.value, `${at}.validation_context_sds_secret_config`);
  } else if (validation.case === "combinedValidationContext") {
    const config = validation.value.validationContextSdsSecretConfig;
    if (config) push(references, config, `${at}.combined_validation_context.validation_context_sds_secret_config`);
  }
  return references;
}

function push(references: Reference[], config: SdsSecretConfig, path: string): void {
  // Without a config source the secret is a static one of the bootstrap.
  if (config.sdsConfig?.configSourceSpecifier.case === "pathConfigSource" || config.sdsConfig === undefined) return;
  references.push({ type: typeUrls.secret, name: config.name, path: `${path}.name` });
}
