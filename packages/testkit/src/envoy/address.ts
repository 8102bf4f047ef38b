import { isIP } from "node:net";
import { create } from "@bufbuild/protobuf";
import { type Address, AddressSchema } from "@rxds/envoy-api/envoy/config/core/v3/address";
import { TestkitError } from "../error.js";

/**
 * An address message from `"host:port"`, `"[v6]:port"` or `"unix:/path"`.
 *
 * @throws TestkitError `invalid-argument`.
 */
export function addressOf(text: string): Address {
  if (text.startsWith("unix:")) {
    return create(AddressSchema, { address: { case: "pipe", value: { path: text.slice("unix:".length) } } });
  }
  const match = /^(?:\[([\da-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    const message = `${JSON.stringify(text)} is no address: "host:port", "[ipv6]:port" or "unix:/path" is expected`;
    throw new TestkitError("invalid-argument", message, { address: text });
  }
  const address = match[1] ?? match[2] ?? "";
  return create(AddressSchema, {
    address: {
      case: "socketAddress",
      value: { address, portSpecifier: { case: "portValue", value: port } },
    },
  });
}

/** Whether an address must be looked up in DNS first. */
export function needsDns({ address }: Address): boolean {
  return address.case === "socketAddress" && isIP(address.value.address) === 0;
}

/** The text form of an address message; undefined for a kind that has none. */
export function addressText({ address }: Address): string | undefined {
  if (address.case === "pipe") return `unix:${address.value.path}`;
  if (address.case !== "socketAddress" || address.value.portSpecifier.case !== "portValue") return undefined;
  const { address: host, portSpecifier } = address.value;
  return `${isIP(host) === 6 ? `[${host}]` : host}:${portSpecifier.value}`;
}
