import { create } from "@bufbuild/protobuf";
import {
  CommonTlsContext_CombinedCertificateValidationContextSchema as CombinedSchema,
  type CommonTlsContext,
  CommonTlsContextSchema,
} from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/tls";
import { BuilderError } from "./builder-error.js";
import { adsSecret } from "./config-source.js";
import {
  certificateMessage,
  type TlsCertificateOptions,
  type ValidationContextOptions,
  validationMessage,
} from "./secret.js";
import { subjectAltName } from "./subject-alt-name.js";

/** A certificate with its key: the name of a secret that the control plane delivers, or the certificate itself. */
export type CertificateRef = string | TlsCertificateOptions;

/** Trusted authorities: the name of a secret that the control plane delivers, or the authorities themselves. */
export type ValidationRef = string | ValidationContextOptions;

/** What both sides of TLS have in common. */
export interface CommonTlsOptions {
  /** Protocols to offer (ALPN), best first. Default: none. */
  readonly alpn?: readonly string[];
}

/** The common part of a TLS context. */
export function commonTlsContext(
  certificates: readonly CertificateRef[],
  validation: ValidationRef | undefined,
  subjectAltNames: readonly string[],
  alpn: readonly string[],
  path: string,
): CommonTlsContext {
  const names = certificates.filter((certificate) => typeof certificate === "string");
  const inline = certificates.filter((certificate) => typeof certificate !== "string");
  if (names.length > 0 && inline.length > 0) {
    throw new BuilderError("conflicting-options", `${path}.certificate`, "only names of secrets or only certificates");
  }
  const context = create(CommonTlsContextSchema, {
    tlsCertificates: inline.map((certificate) => certificateMessage(certificate, `${path}.certificate`)),
    tlsCertificateSdsSecretConfigs: names.map(adsSecret),
    alpnProtocols: [...alpn],
  });
  context.validationContextType = validationType(validation, subjectAltNames, path);
  return context;
}

function validationType(
  validation: ValidationRef | undefined,
  subjectAltNames: readonly string[],
  path: string,
): CommonTlsContext["validationContextType"] {
  if (validation === undefined) return { case: undefined };
  if (typeof validation !== "string") {
    const names = [...(validation.subjectAltNames ?? []), ...subjectAltNames];
    const value = validationMessage({ ...validation, subjectAltNames: names }, `${path}.validation`);
    return { case: "validationContext", value };
  }
  if (subjectAltNames.length === 0) return { case: "validationContextSdsSecretConfig", value: adsSecret(validation) };
  const value = create(CombinedSchema, {
    defaultValidationContext: { matchTypedSubjectAltNames: subjectAltNames.map(subjectAltName) },
    validationContextSdsSecretConfig: adsSecret(validation),
  });
  return { case: "combinedValidationContext", value };
}
