import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * True when a gRPC target can only be a socket of this machine: an address of 127.0.0.0/8 or ::1, the name `localhost`,
 * or a Unix socket. Anything that is not understood is not loopback.
 */
export function isLoopback(target: string): boolean {
  if (/^unix(-abstract)?:/.test(target)) return true;
  const list = /^ipv[46]:(.+)$/.exec(target)?.[1];
  if (list !== undefined) return list.split(",").every((each) => isLoopbackHost(hostOf(each)));
  return isLoopbackHost(hostOf(target.replace(/^dns:(\/\/\/)?(?!\/)/, "")));
}

function isLoopbackHost(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host.toLowerCase() === "localhost" : loopback.check(host, family === 4 ? "ipv4" : "ipv6");
}

/** The host of `host:port`, `[v6]:port`, or either without a port. */
function hostOf(address: string): string {
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  return isIP(address) === 6 ? address : address.replace(/:\d+$/, "");
}
