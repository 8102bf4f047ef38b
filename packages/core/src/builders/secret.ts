import { create } from "@bufbuild/protobuf";
import {
  type CertificateValidationContext,
  CertificateValidationContextSchema,
  type TlsCertificate,
  TlsCertificateSchema,
} from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/common";
import { type Secret, SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import { type PemSource, pemSource } from "./pem-source.js";
import { subjectAltName } from "./subject-alt-name.js";

/** A certificate with its private key. */
export interface TlsCertificateOptions {
  /** The certificate, followed by its intermediates. */
  readonly cert: PemSource;
  /** The private key. */
  readonly key: PemSource;
}

/** How a peer's certificate is checked. */
export interface ValidationContextOptions {
  /** The certificates of the authorities that are trusted. */
  readonly ca: PemSource;
  /**
   * Names of which the peer's certificate must have one (subject alternative names): DNS names, IP addresses, or URIs such
   * as `"spiffe://example.org/echo"`. Default: any name.
   */
  readonly subjectAltNames?: readonly string[];
  /** Revoked certificates. Default: none. */
  readonly crl?: PemSource;
}

/**
 * A certificate and its key as a secret (SDS), for `certificate: "<name>"` of `downstreamTls` and `upstreamTls`.
 *
 * @throws BuilderError when something is no PEM; the error shows nothing of it.
 */
export function tlsCertificate(name: string, options: TlsCertificateOptions): Secret {
  const value = certificateMessage(options, `tlsCertificate(${JSON.stringify(name)})`);
  return create(SecretSchema, { name, type: { case: "tlsCertificate", value } });
}

/**
 * Trusted authorities as a secret (SDS), for `validation: "<name>"` of `downstreamTls` and `upstreamTls`.
 *
 * @throws BuilderError when something is no PEM; the error shows nothing of it.
 */
export function validationContext(name: string, options: ValidationContextOptions): Secret {
  const value = validationMessage(options, `validationContext(${JSON.stringify(name)})`);
  return create(SecretSchema, { name, type: { case: "validationContext", value } });
}

/** A certificate and its key. */
export function certificateMessage(options: TlsCertificateOptions, path: string): TlsCertificate {
  return create(TlsCertificateSchema, {
    certificateChain: pemSource(options.cert, `${path}.cert`),
    privateKey: pemSource(options.key, `${path}.key`),
  });
}

/** Trusted authorities and accepted names. */
export function validationMessage(options: ValidationContextOptions, path: string): CertificateValidationContext {
  return create(CertificateValidationContextSchema, {
    trustedCa: pemSource(options.ca, `${path}.ca`),
    matchTypedSubjectAltNames: options.subjectAltNames?.map(subjectAltName) ?? [],
    crl: options.crl === undefined ? undefined : pemSource(options.crl, `${path}.crl`),
  });
}
