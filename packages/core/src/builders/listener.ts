import { create, isMessage } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { type TransportSocket, TransportSocketSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { type Listener, ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import type { AccessLogSpec } from "./access-log.js";
import { ipAddress, portNumber, socketAddress } from "./address.js";
import { type DownstreamTlsOptions, downstreamTls } from "./downstream-tls.js";

/** What all listeners have in common. */
export interface ListenerOptions {
  /** The listener's name. */
  readonly name: string;
  /** The port; 0 lets the client's system choose one. */
  readonly port: number;
  /**
   * The IP address to listen on. Default: `"127.0.0.1"`, so that nothing is reachable from outside unless it is asked for:
   * `"0.0.0.0"` listens on all version 4 addresses, `"::"` on all version 6 addresses.
   */
  readonly address?: string;
  /** TLS towards clients: options, or what `downstreamTls` returned. Default: plain text. */
  readonly tls?: DownstreamTlsOptions | TransportSocket;
  /** Access logs. Default: none. */
  readonly accessLog?: AccessLogSpec | readonly AccessLogSpec[];
  /** Prefix of the statistics' names. Default: the listener's name. */
  readonly statPrefix?: string;
}

/** A listener with one filter chain of one network filter. `at` names the builder, for errors. */
export function singleFilterListener(
  options: ListenerOptions,
  filter: { name: string; typedConfig: Any },
  at: string,
): Listener {
  const { name, port, address = "127.0.0.1", tls } = options;
  return create(ListenerSchema, {
    name,
    address: socketAddress(ipAddress(address, `${at}.address`), portNumber(port, `${at}.port`, 0)),
    filterChains: [
      {
        transportSocket: tls === undefined || isMessage(tls, TransportSocketSchema) ? tls : downstreamTls(tls),
        filters: [{ name: filter.name, configType: { case: "typedConfig", value: filter.typedConfig } }],
      },
    ],
  });
}
