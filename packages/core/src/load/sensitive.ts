import { type DescField, getOption, hasOption } from "@bufbuild/protobuf";
import { sensitive } from "@rxds/envoy-api/udpa/annotations/sensitive";

/** Messages whose content is never shown, beside fields that the API marks as sensitive. */
const secretMessages = new Set([
  "envoy.extensions.transport_sockets.tls.v3.Secret",
  "envoy.extensions.transport_sockets.tls.v3.TlsCertificate",
  "envoy.extensions.transport_sockets.tls.v3.TlsSessionTicketKeys",
  "envoy.extensions.transport_sockets.tls.v3.GenericSecret",
  "envoy.config.core.v3.DataSource",
  "envoy.config.core.v3.HeaderValue",
  "envoy.config.core.v3.GrpcService.GoogleGrpc.CallCredentials",
  "envoy.extensions.filters.http.aws_lambda.v3.Credentials",
  "envoy.extensions.grpc_service.call_credentials.access_token.v3.AccessTokenCredentials",
  "envoy.extensions.grpc_service.call_credentials.google_iam.v3.GoogleIamCredentials",
  "envoy.extensions.grpc_service.call_credentials.google_refresh_token.v3.GoogleRefreshTokenCredentials",
  "envoy.extensions.grpc_service.call_credentials.service_account_jwt_access.v3.ServiceAccountJwtAccessCredentials",
]);

const known = new WeakMap<DescField, boolean>();

/** Whether the content of messages of this type may be secret. */
export function isSecretMessage(typeName: string): boolean {
  return secretMessages.has(typeName);
}

/** Whether the content of a field may be secret. */
export function isSecretField(field: DescField): boolean {
  let secret = known.get(field);
  if (secret === undefined) {
    const marked = hasOption(field, sensitive) && getOption(field, sensitive);
    secret = marked || (field.message !== undefined && isSecretMessage(field.message.typeName));
    known.set(field, secret);
  }
  return secret;
}
