import type { DescMessage } from "@bufbuild/protobuf";
import {
  BoolValueSchema,
  DurationSchema,
  Int32ValueSchema,
  Int64ValueSchema,
  UInt32ValueSchema,
  UInt64ValueSchema,
} from "@bufbuild/protobuf/wkt";
import { FileAccessLogSchema } from "@rxds/envoy-api/envoy/extensions/access_loggers/file/v3/file";
import {
  StderrAccessLogSchema,
  StdoutAccessLogSchema,
} from "@rxds/envoy-api/envoy/extensions/access_loggers/stream/v3/stream";
import { DnsClusterSchema } from "@rxds/envoy-api/envoy/extensions/clusters/dns/v3/dns_cluster";
import { RouterSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/router/v3/router";
import { HttpConnectionManagerSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { TcpProxySchema } from "@rxds/envoy-api/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy";
import {
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
} from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/tls";
import { HttpProtocolOptionsSchema } from "@rxds/envoy-api/envoy/extensions/upstreams/http/v3/http_protocol_options";
import { resourceType } from "../resource/type-registry.js";

const PREFIX = "type.googleapis.com/";

/** What the builders pack, and simple values. */
const known = new Map(
  [
    FileAccessLogSchema,
    StdoutAccessLogSchema,
    StderrAccessLogSchema,
    DnsClusterSchema,
    RouterSchema,
    HttpConnectionManagerSchema,
    TcpProxySchema,
    DownstreamTlsContextSchema,
    UpstreamTlsContextSchema,
    HttpProtocolOptionsSchema,
    BoolValueSchema,
    DurationSchema,
    Int32ValueSchema,
    Int64ValueSchema,
    UInt32ValueSchema,
    UInt64ValueSchema,
  ].map((schema): [string, DescMessage] => [PREFIX + schema.typeName, schema]),
);

/**
 * The type of a packed message that can be looked into: of a registered resource, or one that the builders make. Not all of
 * Envoy's API: its registry takes longer to build than a server may stand still.
 */
export function shownType(typeUrl: string): DescMessage | undefined {
  return known.get(typeUrl) ?? resourceType(typeUrl).schema;
}
