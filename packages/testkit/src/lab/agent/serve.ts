import { serveHttp } from "./serve-http.js";
import { serveTcp } from "./serve-tcp.js";
import { serveUdp } from "./serve-udp.js";

/** What a server of an agent is told. */
export interface ServerOptions {
  /** What it calls itself in its answers. */
  readonly name: string;
  /** Port to listen on. Default: any that is free. */
  readonly port?: number;
  /**
   * Address to listen on. Default: all, IPv4 and IPv6. A UDP server whose clients are redirected to the loopback address
   * must name that: the kernel would else answer from another.
   */
  readonly address?: string;
}

/** What a TCP server of an agent is told. */
export interface TcpServerOptions extends ServerOptions {
  /** Whether it says its name as soon as somebody connects. Default false: it speaks when it is spoken to. */
  readonly speaksFirst?: boolean;
}

/** A server to start. */
export interface ServeOptions extends TcpServerOptions {
  readonly protocol: "http" | "http2" | "tcp" | "udp";
}

/** Where a server listens. */
export interface ServedAt {
  readonly port: number;
}

/** A server that runs. */
export interface Serving extends ServedAt {
  /** Closes it and its connections. */
  stop(): Promise<void>;
}

/** Starts a server. */
export function serve(options: ServeOptions): Promise<Serving> {
  if (options.protocol === "tcp") return serveTcp(options);
  if (options.protocol === "udp") return serveUdp(options);
  return serveHttp(options);
}
