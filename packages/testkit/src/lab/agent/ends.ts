import { isIP, type Socket } from "node:net";

/** Both ends of a connection as this side sees them: `"ip:port"` or `"[ip]:port"`. */
export interface Ends {
  /** The end of the agent. */
  readonly localAddress: string;
  /** The other end, as the agent believes: a virtual IP stays what it is. */
  readonly remoteAddress: string;
}

/** The ends of a connected socket. */
export function endsOf(socket: Socket): Ends {
  return {
    localAddress: endText(socket.localAddress, socket.localPort),
    remoteAddress: endText(socket.remoteAddress, socket.remotePort),
  };
}

/** An address and port as text. IPv4 that arrived on an IPv6 socket is written as IPv4. */
export function endText(address = "", port = 0): string {
  const plain = address.replace(/^::ffff:(?=[\d.]+$)/, "");
  return isIP(plain) === 6 ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/** The word for an error: its code, such as `ECONNREFUSED`, or else its message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
