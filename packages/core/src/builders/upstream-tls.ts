import { create } from "@bufbuild/protobuf";
import { type TransportSocket, TransportSocketSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import {
  type UpstreamTlsContext,
  UpstreamTlsContextSchema,
} from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/tls";
import { packAny } from "../encode/index.js";
import {
  type CertificateRef,
  type CommonTlsOptions,
  commonTlsContext,
  type ValidationRef,
} from "./common-tls-context.js";

/** Options of {@link upstreamTls}. */
export interface UpstreamTlsOptions extends CommonTlsOptions {
  /**
   * Which authorities the server's certificate must come from. `false` accepts any certificate, and with it any impostor;
   * Envoy does that by default, so it has to be said.
   */
  readonly validation: ValidationRef | false;
  /** The client's certificate, for mutual TLS. Default: none. */
  readonly certificate?: CertificateRef;
  /** The server name to send. Default: none. */
  readonly sni?: string;
  /** Send the endpoint's `hostname` as the server name, where it has one. Default: false. */
  readonly autoHostSni?: boolean;
  /**
   * Names of which the server's certificate must have one, as in `validationContext`. Default: those of `validation` when
   * it is given inline and has some; else the server name that is sent, also when a named secret has others; without a
   * server name, any. An empty list accepts any name that the authorities signed.
   */
  readonly subjectAltNames?: readonly string[];
  /** Changes the context before it is packed, for what the options do not offer. */
  readonly customize?: (context: UpstreamTlsContext) => void;
}

/**
 * TLS towards endpoints, for a cluster's `tls` or `transportSocket`.
 *
 * Secrets that are named come over ADS. Envoy crashes when a cluster *in its bootstrap*, of any type but EDS, names secrets
 * that way: there, give certificates themselves.
 *
 * @throws BuilderError when something is no PEM; the error shows nothing of it.
 */
export function upstreamTls(options: UpstreamTlsOptions): TransportSocket {
  const { validation, certificate, sni = "", autoHostSni = false } = options;
  const inlineNames = typeof validation === "object" ? validation.subjectAltNames : undefined;
  const matchSni = validation !== false && (options.subjectAltNames ?? inlineNames) === undefined;
  const context = create(UpstreamTlsContextSchema, {
    sni,
    autoHostSni,
    autoSniSanValidation: matchSni && (sni !== "" || autoHostSni),
    commonTlsContext: commonTlsContext(
      certificate === undefined ? [] : [certificate],
      validation === false ? undefined : validation,
      options.subjectAltNames ?? [],
      options.alpn ?? [],
      "upstreamTls",
    ),
  });
  options.customize?.(context);
  return create(TransportSocketSchema, {
    name: "envoy.transport_sockets.tls",
    configType: { case: "typedConfig", value: packAny(UpstreamTlsContextSchema, context) },
  });
}
