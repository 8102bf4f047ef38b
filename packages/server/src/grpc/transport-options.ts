import type { ServerOptions } from "@grpc/grpc-js";
import { transportAge } from "../limits/connection-age.js";
import { limitsOf } from "../limits/limits.js";
import { XdsOptionError } from "../limits/option-error.js";
import type { ServeXdsOptions } from "./serve-xds.js";

/** What grpc-js is told. @throws XdsOptionError */
export function transportOptions(options: ServeXdsOptions): ServerOptions {
  const { requestBytes, streamsPerConnection, connectionAgeMs } = limitsOf(options.limits);
  return {
    "grpc.max_receive_message_length": Number.isFinite(requestBytes) ? requestBytes : -1,
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": Math.min(streamsPerConnection, 2 ** 32 - 1),
    "grpc.keepalive_time_ms": milliseconds("keepaliveMs", options.keepaliveMs ?? 30_000),
    "grpc.keepalive_timeout_ms": milliseconds("keepaliveTimeoutMs", options.keepaliveTimeoutMs ?? 10_000),
    ...(Number.isFinite(connectionAgeMs) && { "grpc.max_connection_age_ms": transportAge(connectionAgeMs) }),
    // Nobody is served these statistics, and they cost several per cent of everything.
    "grpc.enable_channelz": 0,
    ...options.serverOptions,
  };
}

function milliseconds(option: string, value: number): number {
  if (Number.isInteger(value) && value > 0 && value < 2 ** 31) return value;
  throw new XdsOptionError(option, `expected a whole number of milliseconds from 1 to 2,147,483,647; got ${value}`);
}
