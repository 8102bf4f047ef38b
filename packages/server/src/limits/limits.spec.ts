import { expect, test } from "vitest";
import { transportOptions } from "../grpc/transport-options.js";
import { limitsOf } from "./limits.js";
import { XdsOptionError } from "./option-error.js";

test.each([0, -1, 1.5, Number.NaN, 2 ** 31])("%s is no time limit, and the error says which option", (stalledMs) => {
  expect(() => limitsOf({ stalledMs })).toThrow(XdsOptionError);
  expect(() => limitsOf({ stalledMs })).toThrow(/limits\.stalledMs: expected a whole number from 1 to 2147483647/);
});

test("Infinity is no limit, for the transport too", () => {
  const limits = { requestBytes: Infinity, streamsPerConnection: Infinity, connectionAgeMs: Infinity };
  const options = transportOptions({ address: "", snapshots: () => never(), limits });
  expect(options).toMatchObject({
    "grpc.max_receive_message_length": -1,
    "grpc.max_concurrent_streams": 2 ** 32 - 1,
  });
  expect(options).not.toHaveProperty(["grpc.max_connection_age_ms"]);
});

test("the times of the transport follow from options, and serverOptions come last", () => {
  const options = transportOptions({
    address: "",
    snapshots: () => never(),
    limits: { connectionAgeMs: 2200 },
    keepaliveMs: 5,
    keepaliveTimeoutMs: 6,
    serverOptions: { "grpc.keepalive_timeout_ms": 7 },
  });
  expect(options).toMatchObject({
    "grpc.max_connection_age_ms": Math.floor(2200 / 1.1),
    "grpc.keepalive_time_ms": 5,
    "grpc.keepalive_timeout_ms": 7,
  });
  expect(() => transportOptions({ address: "", snapshots: () => never(), keepaliveMs: 0 })).toThrow(/keepaliveMs/);
});

function never(): never {
  throw new Error("not asked for");
}
