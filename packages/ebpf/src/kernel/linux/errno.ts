import { constants } from "node:os";

const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** What the kernel knows and Node.js has no name for. */
const KERNEL_ONLY: Readonly<Record<number, string>> = { 524: "ENOTSUPP", 77: "EBADFD" };

/** The name of an error number of the kernel. */
export function errnoName(errno: number): string {
  return KERNEL_ONLY[errno] ?? NAMES.get(errno) ?? `errno ${errno}`;
}
