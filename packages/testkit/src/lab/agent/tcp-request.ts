import { connect } from "node:net";
import { lineCutter } from "../lines.js";
import { type Ends, endsOf, reasonOf } from "./ends.js";

/** One TCP connection that says something and hears an answer. */
export interface TcpRequest {
  /** The IP address to send to. */
  readonly address: string;
  /** The port to send to. */
  readonly port: number;
  /** What is sent; end it with a line feed. Default: nothing, for servers that speak first. */
  readonly send?: string;
  /** How many lines are awaited before the connection is closed. Default 1. */
  readonly lines?: number;
  /** Milliseconds until they must be there. Default 5000. */
  readonly timeoutMs?: number;
}

/** What was received, or a word for why it was not: the error's code, `timeout`, or `closed` by the other side. */
export type TcpOutcome = (Ends & { readonly error?: never; readonly received: string }) | { readonly error: string };

/** Connects, sends, and reads lines. */
export function tcpRequest({ address, port, send, lines = 1, timeoutMs = 5000 }: TcpRequest): Promise<TcpOutcome> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (outcome: TcpOutcome): void => {
      clearTimeout(timer);
      resolve(outcome);
      socket.destroy();
    };
    const timer = setTimeout(() => end({ error: "timeout" }), timeoutMs);
    let received = "";
    let left = lines;
    const onText = lineCutter((line) => {
      received += `${line}\n`;
      left -= 1;
      if (left === 0) end({ received, ...endsOf(socket) });
    });
    socket.on("error", (error) => end({ error: reasonOf(error) }));
    socket.once("end", () => end({ error: "closed" }));
    socket.setEncoding("utf8").on("data", onText);
    socket.once("connect", () => {
      if (send !== undefined) socket.write(send);
    });
  });
}
