import { create } from "@bufbuild/protobuf";
import { type TransportSocket, TransportSocketSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import {
  type DownstreamTlsContext,
  DownstreamTlsContextSchema,
} from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/tls";
import { packAny } from "../encode/index.js";
import { BuilderError } from "./builder-error.js";
import {
  type CertificateRef,
  type CommonTlsOptions,
  commonTlsContext,
  type ValidationRef,
} from "./common-tls-context.js";

/** Options of {@link downstreamTls}. */
export interface DownstreamTlsOptions extends CommonTlsOptions {
  /** The server's certificate, or several of different kinds (RSA, ECDSA). */
  readonly certificate: CertificateRef | readonly CertificateRef[];
  /** Which authorities clients' certificates must come from. Default: clients need none. */
  readonly validation?: ValidationRef;
  /** Whether a client without a certificate is refused. Default: true when `validation` is given. */
  readonly requireClientCertificate?: boolean;
  /** Names of which the client's certificate must have one, as in `validationContext`. Default: any name. */
  readonly subjectAltNames?: readonly string[];
  /** Changes the context before it is packed, for what the options do not offer. */
  readonly customize?: (context: DownstreamTlsContext) => void;
}

/**
 * TLS towards clients, for a listener's `tls` or a filter chain's `transportSocket`. Secrets that are named come over ADS.
 *
 * @throws BuilderError when something is no PEM; the error shows nothing of it.
 */
export function downstreamTls(options: DownstreamTlsOptions): TransportSocket {
  const { certificate, validation, subjectAltNames = [] } = options;
  if (validation === undefined && (subjectAltNames.length > 0 || options.requireClientCertificate)) {
    throw new BuilderError(
      "missing-option",
      "downstreamTls",
      "validation, which says whose client certificates are good",
    );
  }
  const context = create(DownstreamTlsContextSchema, {
    requireClientCertificate: validation === undefined ? undefined : (options.requireClientCertificate ?? true),
    commonTlsContext: commonTlsContext(
      isList(certificate) ? certificate : [certificate],
      validation,
      subjectAltNames,
      options.alpn ?? [],
      "downstreamTls",
    ),
  });
  options.customize?.(context);
  return create(TransportSocketSchema, {
    name: "envoy.transport_sockets.tls",
    configType: { case: "typedConfig", value: packAny(DownstreamTlsContextSchema, context) },
  });
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
