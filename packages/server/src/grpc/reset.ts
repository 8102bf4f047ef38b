import type { DiscoveryCall } from "./grpc-channel.js";

/**
 * Cuts a call off by RST_STREAM, so that what the client does not take is thrown away.
 *
 * grpc-js can only end a call after all that was written to it, and for a client that does not read that is never. The HTTP/2
 * stream below is not part of its API: where it can't be found, the call stays until its connection ends.
 */
export function reset(call: DiscoveryCall, code: number): void {
  let inner = property(call, "call");
  for (let next = property(inner, "nextCall"); next !== undefined; next = property(inner, "nextCall")) inner = next;
  const stream = property(inner, "stream");
  const close = property(stream, "close");
  if (typeof close === "function") Reflect.apply(close, stream, [code]);
}

function property(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null ? Reflect.get(of, name) : undefined;
}
