import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createServer2, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { endText } from "./ends.js";
import { listen } from "./listen.js";
import type { ServeOptions, Serving } from "./serve.js";

/** The body of every answer of an HTTP backend, as JSON. */
export interface HttpEcho {
  /** The backend's name. It is also in the header `x-upstream`. */
  readonly name: string;
  /** The method, such as `GET`. */
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** The headers of the request as they arrived, by lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** The body of the request. */
  readonly body: string;
  /** Who connected, `"ip:port"`. */
  readonly remoteAddress: string;
  /** Where it connected to, `"ip:port"`. */
  readonly localAddress: string;
  /** `"1.1"` or `"2.0"`. */
  readonly httpVersion: string;
}

/**
 * An HTTP/1.1 or h2c server that tells what it was asked. Headers of a request change the answer: `x-delay-ms` makes it
 * wait, `x-status` is the status, and `x-close` ends the connection after it.
 */
export function serveHttp({ protocol, port, name, address }: ServeOptions): Promise<Serving> {
  const onRequest = (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): void => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.once("end", () => {
      const answer = JSON.stringify(echo(name, request, Buffer.concat(chunks).toString()));
      const { "x-delay-ms": delay, "x-status": status, "x-close": close } = request.headers;
      setTimeout(
        () => {
          response.statusCode = Number(status ?? 200);
          response.setHeader("content-type", "application/json");
          response.setHeader("x-upstream", name);
          if (close !== undefined && request.httpVersionMajor === 1) response.setHeader("connection", "close");
          response.end(answer);
        },
        Number(delay ?? 0),
      );
    });
  };
  if (protocol === "http2") return listen(createServer2(onRequest), port, address);
  const server = createServer(onRequest);
  // A proxy keeps idle connections to be used again: closing them under it would look like a fault of the proxy.
  server.keepAliveTimeout = 0;
  return listen(server, port, address);
}

function echo(name: string, request: IncomingMessage | Http2ServerRequest, body: string): HttpEcho {
  const headers: Record<string, string | string[]> = {};
  for (const [header, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[header] = value;
  }
  const { socket } = request;
  return {
    name,
    method: request.method ?? "",
    path: request.url ?? "",
    headers,
    body,
    remoteAddress: endText(socket.remoteAddress, socket.remotePort),
    localAddress: endText(socket.localAddress, socket.localPort),
    httpVersion: request.httpVersion,
  };
}
