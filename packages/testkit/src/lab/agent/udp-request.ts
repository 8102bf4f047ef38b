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
  /**
   * Whether the socket is connected: then only an answer from where was sent to counts, and a refusal is heard of.
   * Otherwise the first datagram that comes is the answer, whoever sent it. Default true.
   */
  readonly connected?: boolean;
}

/** The answer to a datagram. `remoteAddress` is where it came from, as the agent believes (recvmsg). */
export interface UdpAnswer extends Ends {
  /** Only without an answer. */
  readonly error?: never;
  /** Its text. */
  readonly received: string;
  /** The other end of a connected socket, as the agent believes (getpeername). */
  readonly peerAddress?: string;
}

/** What was received, or a word for why it was not: the error's code, or `timeout`. */
export type UdpOutcome = UdpAnswer | { readonly error: string };

/** Sends a datagram from a port of its own. */
export function udpRequest(request: UdpRequest): Promise<UdpOutcome> {
  const { address, port, send, timeoutMs = 2000, connected = true } = request;
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
      const peer = connected ? socket.remoteAddress() : undefined;
      end({
        received: message.toString(),
        localAddress: endText(local.address, local.port),
        remoteAddress: endText(from.address, from.port),
        ...(peer && { peerAddress: endText(peer.address, peer.port) }),
      });
    });
    // Without a callback, what goes wrong at once would be heard nowhere.
    const unless = (next: () => void) => (error?: Error | null) => {
      if (error) end({ error: reasonOf(error) });
      else next();
    };
    const sent = unless(() => {});
    const onConnect = unless(() => socket.send(send, sent));
    if (connected) socket.connect(port, address, onConnect);
    else socket.send(send, port, address, sent);
  });
}
