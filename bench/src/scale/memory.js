import { existsSync, readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const PAGE = 4096;

setFlagsFromString("--expose-gc");
const collect = /** @type {() => void} */ (runInNewContext("gc"));

/** The process's resident memory after a garbage collection, and the kernel's memory for TCP sockets of the whole machine. */
export async function memory() {
  for (let i = 0; i < 5; i++) {
    await new Promise(setImmediate);
    collect();
  }
  const { rss } = process.memoryUsage();
  return { rss, sockets: socketMemory() };
}

/** "TCP: inuse 5 orphan 0 tw 2 alloc 7 mem 1": pages. */
function socketMemory() {
  // Only Linux tells.
  if (!existsSync("/proc/net/sockstat")) return Number.NaN;
  const pages = /^TCP: .* mem (\d+)$/m.exec(readFileSync("/proc/net/sockstat", "utf8"))?.[1];
  return Number(pages ?? Number.NaN) * PAGE;
}
