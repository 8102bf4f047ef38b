import { isIP } from "node:net";
import { TestkitError } from "../error.js";

/** Throws `invalid-argument` unless a node or a pod can be called so. */
export function checkName(name: string): void {
  if (/^[a-z0-9]([a-z0-9.-]{0,60}[a-z0-9])?$/.test(name)) return;
  const message = `${JSON.stringify(name)} cannot be a name: at most 62 of a-z, 0-9, "-" and "." are expected`;
  throw new TestkitError("invalid-argument", message, { name });
}

/** Throws `invalid-argument` unless it is an IP address. */
export function checkAddress(address: string): void {
  if (isIP(address) !== 0) return;
  throw new TestkitError("invalid-argument", `${JSON.stringify(address)} is no IP address`, { address });
}

/** Throws `invalid-argument` unless it is a range of IP addresses. */
export function checkRange(range: string): void {
  const [address = "", length = "", ...rest] = range.split("/");
  const family = isIP(address);
  if (family !== 0 && rest.length === 0 && /^\d+$/.test(length) && Number(length) <= (family === 4 ? 32 : 128)) return;
  const message = `${JSON.stringify(range)} is no range of addresses: something like "10.96.0.0/16" is expected`;
  throw new TestkitError("invalid-argument", message, { range });
}

/** What a lab has only when it was made with an option. Throws `invalid-argument` when it was not. */
export function madeWith<T>(option: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw new TestkitError("invalid-argument", `the lab was made without this: netLab({ ${option}: true })`, { option });
}
