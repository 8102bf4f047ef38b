import { createSocket } from "node:dgram";
import { isIPv4 } from "node:net";
import { type Ends, endText, reasonOf } from "./ends.js";

/** One datagram and the answer to it. */
export interface UdpRequest {
  /** The IP address to send to. */
  readonly address: string;
  /** The port to send to. */
  readonly port: number;
  /** The text of the datagram. */
  readonly send: string;
  /** Milliseconds until the answer must be there. Default 2000. */
  readonly timeoutMs?: number;
}

/** What was received, or a word for why it was not: the error's code, or `timeout`. */
export type UdpOutcome = (Ends & { readonly error?: never; readonly received: string }) | { readonly error: string };

/** Sends a datagram from a port of its own. Only an answer from where it was sent to counts. */
export function udpRequest({ address, port, send, timeoutMs = 2000 }: UdpRequest): Promise<UdpOutcome> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv4(address) ? "udp4" : "udp6");
    let done = false;
    const end = (outcome: UdpOutcome): void => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      socket.close();
      resolve(outcome);
    };
    const timer = setTimeout(() => end({ error: "timeout" }), timeoutMs);
    socket.on("error", (error) => end({ error: reasonOf(error) }));
    socket.once("message", (message, from) => {
      const local = socket.address();
      end({
        received: message.toString(),
        localAddress: endText(local.address, local.port),
        remoteAddress: endText(from.address, from.port),
      });
    });
    socket.connect(port, address, () => socket.send(send));
  });
}
