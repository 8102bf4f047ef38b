import { isIP } from "node:net";
import { create } from "@bufbuild/protobuf";
import { type Address, AddressSchema } from "@rxds/envoy-api/envoy/config/core/v3/address";
import { BuilderError } from "./builder-error.js";

/** Whether a host may be a DNS name or must be an IP address. */
export type HostKind = "ip" | "dns";

const forms = {
  ip: '"ip:port", "[ipv6]:port" or "unix:/path"',
  dns: '"host:port", "ip:port", "[ipv6]:port" or "unix:/path"',
};

const hostAndPort = /^(?:\[(?<v6>[^\]]*)\]|(?<host>[^:]*)):(?<port>\d{1,5})$/;

/** Labels of letters, digits, hyphens and underscores, with or without a final dot. */
const dnsName = /^(?=.{1,254}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;

/**
 * `"10.0.0.1:80"`, `"[::1]:80"`, `"unix:/run/app.sock"` or, where DNS names are allowed, `"example.com:80"` as an address.
 *
 * @throws BuilderError when the text has another form or the port is not from 1 to 65535.
 */
export function parseAddress(text: string, path: string, kind: HostKind): Address {
  if (text.startsWith("unix:")) return pipeAddress(text, path, kind);
  const { v6, host = "", port = "" } = hostAndPort.exec(text)?.groups ?? {};
  const isHost = v6 === undefined ? isHostName(host, kind) : isIP(v6) === 6;
  if (!isHost) throw new BuilderError("invalid-address", path, forms[kind], text);
  return socketAddress(v6 ?? host, portNumber(Number(port), path, 1));
}

/** The address of a socket. */
export function socketAddress(address: string, port: number): Address {
  return create(AddressSchema, {
    address: { case: "socketAddress", value: { address, portSpecifier: { case: "portValue", value: port } } },
  });
}

/**
 * An IP address as it is.
 *
 * @throws BuilderError when it is none.
 */
export function ipAddress(address: string, path: string): string {
  if (isIP(address) === 0) throw new BuilderError("invalid-address", path, "an IP address", address);
  return address;
}

/**
 * An IP address or DNS name as it is.
 *
 * @throws BuilderError when it is neither.
 */
export function hostName(host: string, path: string): string {
  if (isIP(host) === 0 && !isHostName(host, "dns")) {
    throw new BuilderError("invalid-address", path, "a DNS name or an IP address, without a port", host);
  }
  return host;
}

/**
 * A port as it is.
 *
 * @throws BuilderError when it is no whole number from `min` to 65535.
 */
export function portNumber(port: number, path: string, min: 0 | 1): number {
  if (!Number.isInteger(port) || port < min || port > 65_535) {
    throw new BuilderError("invalid-port", path, `a port from ${min} to 65535`, port);
  }
  return port;
}

function pipeAddress(text: string, path: string, kind: HostKind): Address {
  const pipe = text.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
  if (!pipe.startsWith("/")) throw new BuilderError("invalid-address", path, forms[kind], text);
  return create(AddressSchema, { address: { case: "pipe", value: { path: pipe } } });
}

function isHostName(host: string, kind: HostKind): boolean {
  if (isIP(host) === 4) return true;
  // Four numbers that are no IPv4 address are a slip, not a name.
  return kind === "dns" && dnsName.test(host) && !/^[\d.]+$/.test(host);
}
