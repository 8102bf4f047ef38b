import { isIP } from "node:net";
import { create } from "@bufbuild/protobuf";
import {
  SubjectAltNameMatcher_SanType as SanType,
  type SubjectAltNameMatcher,
  SubjectAltNameMatcherSchema,
} from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/common";

/** Matches a subject alternative name exactly. What it is follows from its form: a URI, an IP address or a DNS name. */
export function subjectAltName(name: string): SubjectAltNameMatcher {
  const sanType = name.includes("://") ? SanType.URI : isIP(name) === 0 ? SanType.DNS : SanType.IP_ADDRESS;
  return create(SubjectAltNameMatcherSchema, { sanType, matcher: { matchPattern: { case: "exact", value: name } } });
}
