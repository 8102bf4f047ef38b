import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("streams.js", import.meta.url));

/**
 * Starts a process with delta streams.
 * @param {string} address @param {number} connections @param {number} each @param {Record<string, readonly string[]>} subscriptions
 */
export function startClients(address, connections, each, subscriptions) {
  const child = fork(program, [address, `${connections}`, `${each}`, JSON.stringify(subscriptions)]);
  const all = connections * each;
  /** @type {Map<string, number>} */
  const counts = new Map();
  /** Who waits for the next news. */
  let wake = () => {};
  child.on("message", (message) => {
    const { typeUrl, count } = /** @type {{ typeUrl: string, count: number }} */ (message);
    counts.set(typeUrl, count / all);
    wake();
  });
  child.on("exit", () => wake());
  return {
    /** Resolves when every stream has got so many responses of a type. @param {string} typeUrl @param {number} rounds */
    async have(typeUrl, rounds) {
      while ((counts.get(typeUrl) ?? 0) < rounds) {
        if (child.exitCode !== null) throw new Error(`the clients exited with ${child.exitCode}`);
        await new Promise((/** @type {(value: void) => void} */ resolve) => {
          wake = resolve;
        });
      }
    },
    /** No stream reads from now on: the process stands still. */
    stall: () => void child.kill("SIGSTOP"),
    /** All read on. */
    wake: () => void child.kill("SIGCONT"),
    /** The process, which is part of its nodes' names. */
    pid: child.pid ?? 0,
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}
