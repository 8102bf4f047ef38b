import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What an upstream answers. */
export interface UpstreamOptions {
  /** Its name: the answer's body, and its header `x-upstream`. Default `upstream`. */
  readonly name?: string;
  /** Default 200. */
  readonly status?: number;
  /** Answers instead of the default; the request has been counted. Must end the response. */
  readonly handle?: (request: IncomingMessage, response: ServerResponse) => void;
}

/** A small HTTP/1.1 server to route to. */
export interface Upstream extends AsyncDisposable {
  /** Its name. */
  readonly name: string;
  /** `"127.0.0.1:PORT"`. */
  readonly address: string;
  /** The port of that address. */
  readonly port: number;
  /** How many requests arrived. */
  requests(): number;
  /** How many connections were accepted. */
  connections(): number;
  /** Closes it and all its connections. */
  stop(): Promise<void>;
}

/** Starts an HTTP server on a free loopback port. It answers every request with its name. */
export async function upstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const { name = "upstream", status = 200, handle } = options;
  let requests = 0;
  let connections = 0;
  const server = createServer((request, response) => {
    requests += 1;
    request.resume();
    if (handle !== undefined) return handle(request, response);
    response.writeHead(status, { "content-type": "text/plain", "x-upstream": name });
    response.end(name);
  });
  // A proxy keeps idle connections to be used again: closing them under it would look like a fault of the proxy.
  server.keepAliveTimeout = 0;
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    name,
    address: `127.0.0.1:${port}`,
    port,
    requests: () => requests,
    connections: () => connections,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
