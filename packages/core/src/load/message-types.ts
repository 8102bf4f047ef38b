import { createRegistry, type DescMessage, type Registry } from "@bufbuild/protobuf";
import { RouterSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/router/v3/router";
import { HttpConnectionManagerSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { TcpProxySchema } from "@rxds/envoy-api/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy";
import {
  DownstreamTlsContextSchema,
  UpstreamTlsContextSchema,
} from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/tls";
import { HttpProtocolOptionsSchema } from "@rxds/envoy-api/envoy/extensions/upstreams/http/v3/http_protocol_options";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import { resourceType, resourceTypes } from "../resource/type-registry.js";

/** Finds message types by name. */
export interface MessageTypes {
  /** The message type of this name. */
  find(typeName: string): DescMessage | undefined;
  /** The names of all types that can be found. */
  names(): Iterable<string>;
  /** A registry of all types that were found so far. */
  found(): Registry;
}

const PREFIX = "type.googleapis.com/";

/** Extensions that most configurations use and that other modules import anyway. */
const common = new Map(
  [
    HttpConnectionManagerSchema,
    RouterSchema,
    TcpProxySchema,
    UpstreamTlsContextSchema,
    DownstreamTlsContextSchema,
    HttpProtocolOptionsSchema,
  ].map((schema): [string, DescMessage] => [schema.typeName, schema]),
);

/**
 * Message types from `own`, from the registered resource types, and from Envoy's whole API. That last registry takes some
 * hundred milliseconds to build and is built only when a type is nowhere else.
 */
export function createMessageTypes(own: Registry | undefined): MessageTypes {
  const found = new Map<string, DescMessage>();
  const look = (typeName: string): DescMessage | undefined =>
    own?.getMessage(typeName) ??
    resourceType(PREFIX + typeName).schema ??
    common.get(typeName) ??
    envoyRegistry().getMessage(typeName);
  return {
    find(typeName) {
      const type = found.get(typeName) ?? look(typeName);
      if (type !== undefined) found.set(typeName, type);
      return type;
    },
    *names() {
      for (const source of [own ?? [], envoyRegistry()]) {
        for (const type of source) if (type.kind === "message") yield type.typeName;
      }
      for (const { schema } of resourceTypes()) if (schema !== undefined) yield schema.typeName;
    },
    found: () => createRegistry(...found.values()),
  };
}
