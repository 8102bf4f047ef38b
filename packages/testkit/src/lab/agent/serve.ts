import { serveHttp } from "./serve-http.js";
import { serveTcp } from "./serve-tcp.js";
import { serveUdp } from "./serve-udp.js";

/** A server to start. */
export interface ServeOptions {
  readonly protocol: "http" | "http2" | "tcp" | "udp";
  /** Port to listen on. Default: any that is free. */
  readonly port?: number;
  /** What it calls itself in its answers. */
  readonly name: string;
  /** Address to listen on. Default: all, IPv4 and IPv6. */
  readonly address?: string;
  /** TCP only: say the name as soon as somebody connects. Default false: speak when spoken to. */
  readonly speaksFirst?: boolean;
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
