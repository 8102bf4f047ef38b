import { type IncomingHttpHeaders, request } from "node:http";
import { TestkitError } from "../error.js";

/** What `httpGet` may be told. */
export interface HttpGetOptions {
  /** Default `GET`. */
  readonly method?: string;
  /** Request headers. `host` chooses Envoy's virtual host. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds until the whole answer must be there. Default 10000. */
  readonly timeoutMs?: number;
  /** Path of a unix socket to connect to instead of the host and port of the URL. Default: none. */
  readonly socketPath?: string;
}

/** An answer, read to its end. */
export interface HttpResponse {
  /** The status code. */
  readonly status: number;
  /** The headers, by lower-case name. */
  readonly headers: IncomingHttpHeaders;
  /** The body as text. */
  readonly body: string;
}

/**
 * One HTTP/1.1 request on a connection of its own, which is closed afterwards: no pool can hide what the server does.
 * Every status is an answer, none throws.
 *
 * @throws the error of the socket (`ECONNREFUSED`, `ECONNRESET`, …), or TestkitError `deadline`.
 */
export function httpGet(url: string, options: HttpGetOptions = {}): Promise<HttpResponse> {
  const { method = "GET", headers = {}, timeoutMs = 10_000, socketPath } = options;
  return new Promise((resolve, reject) => {
    const req = request(url, { method, headers, agent: false, ...(socketPath === undefined ? {} : { socketPath }) });
    const timer = setTimeout(
      () => req.destroy(new TestkitError("deadline", `${method} ${url}: no whole answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    req.once("error", fail);
    req.once("response", (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.once("error", fail);
      res.once("end", () => {
        clearTimeout(timer);
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks).toString() });
      });
    });
    req.end();
  });
}
