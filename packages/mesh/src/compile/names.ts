import { isIP } from "node:net";

/** An IP address in the one form that everybody writes (RFC 5952 for version 6). */
export function canonicalAddress(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;
}

/** `"10.0.0.1:80"`, `"[::1]:80"`. */
export function hostPort(address: string, port: number): string {
  const host = canonicalAddress(address);
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The cluster of a service's port, and the name of its endpoints: `"namespace/name:port"`. */
export const clusterName = (service: string, port: number): string => `${service}:${port}`;

/**
 * The listener for a virtual IP and port. Named by its address, so that another service at the same address changes it in
 * place.
 */
export const virtualListenerName = (address: string, port: number): string => `tcp/${hostPort(address, port)}`;

/** The routes of an HTTP port, shared by all virtual IPs of the service; `address` is the first of them. */
export const routesName = (address: string, port: number): string => `http/${hostPort(address, port)}`;

/** The routes of what comes in to the workloads of a service, on the port that they listen on. */
export const inboundRoutesName = (services: readonly string[], port: number): string =>
  `inbound/${services.join("+")}:${port}`;

/** The listener for redirected connections. */
export const redirectListenerName = (address: string, port: number): string => `redirect/${hostPort(address, port)}`;

/** The bound listener for one UDP port of one service. */
export const udpListenerName = (address: string, port: number): string => `udp/${hostPort(address, port)}`;

/** The listener for what comes in to a workload that has a sidecar. */
export const inboundListenerName = (workload: string): string => `inbound/${workload}`;

/** The cluster that leads to where an incoming connection was meant to go. */
export const INBOUND_CLUSTER = "inbound";
