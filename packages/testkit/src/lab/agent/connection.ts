import { connect } from "node:net";
import { lineCutter } from "../lines.js";
import { type Ends, endsOf, reasonOf } from "./ends.js";

/** A TCP connection that is kept. */
export interface Connection extends Ends {
  /** Sends a line and resolves with the next line that is received. Rejects when the connection ends first. */
  exchange(text: string, timeoutMs?: number): Promise<string>;
  /** Resolves when the connection has ended, with the reason: the error's code, `closed` by the other side, or `stopped`. */
  readonly closed: Promise<string>;
  /** Ends it. */
  close(): void;
}

interface Waiter {
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

/** Connects. Rejects when that fails. */
export function openConnection(address: string, port: number, timeoutMs = 5000): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    const timer = setTimeout(() => socket.destroy(new Error("timeout")), timeoutMs);
    const waiting: Waiter[] = [];
    let reason: string | undefined;
    const closed = new Promise<string>((done) => {
      socket.once("close", () => {
        clearTimeout(timer);
        reason ??= "closed";
        for (const waiter of waiting.splice(0)) waiter.reject(new Error(reason));
        reject(new Error(reason));
        done(reason);
      });
    });
    socket.on("error", (error) => {
      reason = reasonOf(error);
    });
    socket.setEncoding("utf8").on(
      "data",
      lineCutter((line) => waiting.shift()?.resolve(line)),
    );
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve({
        ...endsOf(socket),
        closed,
        exchange: (text, limit = 5000) => {
          if (reason !== undefined) return Promise.reject(new Error(reason));
          // A line that comes after its time would be taken for the answer to the next: the connection is of no use.
          const late = setTimeout(() => socket.destroy(new Error("timeout")), limit);
          const answer = new Promise<string>((resolve, reject) => waiting.push({ resolve, reject }));
          socket.write(`${text}\n`);
          return answer.finally(() => clearTimeout(late));
        },
        close: () => {
          reason ??= "stopped";
          socket.destroy();
        },
      });
    });
  });
}
