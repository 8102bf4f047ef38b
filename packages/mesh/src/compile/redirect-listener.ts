import { create } from "@bufbuild/protobuf";
import { TrafficDirection } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { type Listener, ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { closeFilter } from "./close-filter.js";
import { redirectListenerName } from "./names.js";
import { socketAddress } from "./virtual-listener.js";

/**
 * The listener that redirected connections arrive at, one for IPv4 or IPv6. It hands each over to the listener of the
 * address that was dialed; a connection to an address that has none is closed.
 */
export function redirectListener(address: string, port: number): Listener {
  return create(ListenerSchema, {
    name: redirectListenerName(address, port),
    address: socketAddress(address, port),
    useOriginalDst: true,
    trafficDirection: TrafficDirection.OUTBOUND,
    filterChains: [{ filters: [closeFilter()] }],
  });
}
