/** Whether an address is a Unix socket. */
export function isUnix(address: string): boolean {
  return address.startsWith("unix:");
}

/** Whether only this machine can reach a `host:port`. */
export function isLoopback(address: string): boolean {
  const host = address.slice(0, Math.max(0, address.lastIndexOf(":"))).replace(/^\[|\]$/g, "");
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host) || isUnix(address);
}
