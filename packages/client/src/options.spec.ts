import { credentials } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { XdsClientError } from "./error.js";
import { checkXdsClientOptions, resolveOptions, type XdsClientOptions } from "./options.js";

const options = (more: Partial<XdsClientOptions> = {}): XdsClientOptions => ({
  address: "127.0.0.1:1",
  node: { id: "n" },
  ...more,
});

function codeOf(more: Partial<XdsClientOptions>): unknown {
  try {
    resolveOptions(options(more));
  } catch (error) {
    return error instanceof XdsClientError ? [error.code, error.details.argument] : error;
  }
  return "no error";
}

describe("credentials", () => {
  test("may be left out on loopback", () => {
    expect(codeOf({})).toBe("no error");
  });

  test("may not be left out elsewhere", () => {
    expect(codeOf({ address: "10.0.0.1:1" })).toEqual(["insecure", "credentials"]);
  });

  test("are asked for before a client is made, too", () => {
    expect(() => checkXdsClientOptions(options({ address: "10.0.0.1:1" }))).toThrow(XdsClientError);
    expect(checkXdsClientOptions(options())).toBeUndefined();
  });

  test("may be given, or waived in so many words", () => {
    const given = credentials.createSsl();
    expect(resolveOptions(options({ address: "10.0.0.1:1", credentials: given })).credentials).toBe(given);
    expect(codeOf({ address: "10.0.0.1:1", insecure: true })).toBe("no error");
  });
});

describe("the node", () => {
  test("says what it is and that it knows times to live, beside what is given", () => {
    const { node } = resolveOptions(options({ node: { id: "n", cluster: "c", clientFeatures: ["mine"] } }));
    expect(node).toMatchObject({ id: "n", cluster: "c", userAgentName: "rxds" });
    expect(node.clientFeatures).toEqual(["mine", "xds.config.supports-resource-ttl"]);
  });

  test("keeps the user agent that is given", () => {
    expect(resolveOptions(options({ node: { id: "n", userAgentName: "mine" } })).node.userAgentName).toBe("mine");
  });

  test("must have an id", () => {
    expect(codeOf({ node: { id: "" } })).toEqual(["invalid-argument", "node"]);
  });

  test("must be encodable", () => {
    const buildVersion = { majorNumber: -1 };
    const node = {
      id: "n",
      userAgentVersionType: { case: "userAgentBuildVersion" as const, value: { version: buildVersion } },
    };
    expect(codeOf({ node })).toEqual(["invalid-argument", "node"]);
  });
});

describe("the channel", () => {
  test("pings while a stream is open, and is told the largest message", () => {
    expect(resolveOptions(options({ maxMessageBytes: 5 })).channelOptions).toMatchObject({
      "grpc.keepalive_time_ms": 30_000,
      "grpc.keepalive_timeout_ms": 10_000,
      "grpc.keepalive_permit_without_calls": 0,
      "grpc.max_receive_message_length": 5,
    });
  });

  test("takes the user's options before its own", () => {
    const channelOptions = { "grpc.keepalive_time_ms": 1, "grpc.primary_user_agent": "me" };
    expect(resolveOptions(options({ channelOptions })).channelOptions).toMatchObject(channelOptions);
  });

  test("uses no proxy for loopback only", () => {
    const name = "grpc.enable_http_proxy";
    expect(resolveOptions(options()).channelOptions[name]).toBe(0);
    expect(resolveOptions(options({ address: "10.0.0.1:1", insecure: true })).channelOptions[name]).toBeUndefined();
  });
});

test.each<[string, Partial<XdsClientOptions>]>([
  ["reconnect.minMs", { reconnect: { minMs: 0 } }],
  ["reconnect.maxMs", { reconnect: { minMs: 100, maxMs: 99 } }],
  ["reconnect.jitter", { reconnect: { jitter: 1.1 } }],
  ["connectTimeoutMs", { connectTimeoutMs: Number.NaN }],
  ["maxMessageBytes", { maxMessageBytes: 0 }],
  ["maxResourcesPerType", { maxResourcesPerType: -1 }],
  ["maxBytesPerType", { maxBytesPerType: 0 }],
])("%s must be in range", (argument, more) => {
  expect(codeOf(more)).toEqual(["invalid-argument", argument]);
});
