import { type ClientRequest, type IncomingHttpHeaders, request } from "node:http";
import { connect as connect2 } from "node:http2";
import { connect, type Socket } from "node:net";
import { type Ends, endsOf, endText, reasonOf } from "./ends.js";

/** One HTTP request, on a connection of its own. Either `url`, or `address` and `port`. */
export interface HttpRequest {
  /** The whole URL; its host must be an IP address, or be overruled by `address`. */
  readonly url?: string;
  /** The IP address to connect to. Default: that of `url`. */
  readonly address?: string;
  /** The port to connect to. Default: that of `url`, or 80. */
  readonly port?: number;
  /** Path and query. Default: that of `url`, or `/`. */
  readonly path?: string;
  /** Default `GET`. */
  readonly method?: string;
  /** Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The authority that is asked for: `Host`, or `:authority`. Default: that of the URL, or where it connects to. */
  readonly host?: string;
  /** Default: none. */
  readonly body?: string;
  /** Milliseconds until the whole answer must be there. Default 5000. */
  readonly timeoutMs?: number;
  /** HTTP/2 without TLS instead of HTTP/1.1. Default false. */
  readonly http2?: boolean;
}

/** An answer, or a word for why there is none: the error's code (`ECONNREFUSED`, …) or `timeout`. */
export type HttpOutcome = HttpAnswer | { readonly error: string };

/** An answer of whatever status, read to its end. */
export interface HttpAnswer extends Ends {
  /** Only without an answer. */
  readonly error?: never;
  /** The status code. */
  readonly status: number;
  /** By lower-case name. */
  readonly headers: IncomingHttpHeaders;
  /** As text. */
  readonly body: string;
}

interface Target {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly host: string;
}

/** Sends a request. Never rejects but for a request that cannot be sent. */
export function httpRequest(options: HttpRequest): Promise<HttpOutcome> {
  const target = targetOf(options);
  const socket = connect({ host: target.address, port: target.port });
  const { timeoutMs = 5000 } = options;
  return new Promise((resolve) => {
    const end = (outcome: HttpOutcome): void => {
      clearTimeout(timer);
      resolve(outcome);
      socket.destroy();
    };
    const timer = setTimeout(() => end({ error: "timeout" }), timeoutMs);
    const fail = (error: unknown): void => end({ error: reasonOf(error) });
    socket.once("error", fail);
    socket.once("connect", () => {
      const ends = endsOf(socket);
      const answer = options.http2 === true ? overHttp2(options, target, socket) : overHttp1(options, target, socket);
      answer.then((got) => end({ ...got, ...ends }), fail);
    });
  });
}

function targetOf({ url, address, port, path, host }: HttpRequest): Target {
  const from = url === undefined ? undefined : new URL(url);
  const to = address ?? from?.hostname.replace(/^\[|\]$/g, "");
  if (to === undefined) throw new Error("a request needs a url, or an address and a port");
  const at = port ?? Number(from?.port || 80);
  return {
    address: to,
    port: at,
    path: path ?? (from === undefined ? "/" : from.pathname + from.search),
    host: host ?? from?.host ?? endText(to, at),
  };
}

type Got = Omit<HttpAnswer, keyof Ends>;

function overHttp1({ method = "GET", headers = {}, body }: HttpRequest, target: Target, socket: Socket): Promise<Got> {
  return new Promise((resolve, reject) => {
    const req: ClientRequest = request({
      createConnection: () => socket,
      method,
      path: target.path,
      headers: { ...headers, host: target.host, connection: "close" },
    });
    req.once("error", reject);
    req.once("response", (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.once("error", reject);
      res.once("end", () =>
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks).toString() }),
      );
    });
    req.end(body);
  });
}

function overHttp2({ method = "GET", headers = {}, body }: HttpRequest, target: Target, socket: Socket): Promise<Got> {
  return new Promise((resolve, reject) => {
    const session = connect2(`http://${target.host}`, { createConnection: () => socket });
    session.once("error", reject);
    const stream = session.request({
      ...headers,
      ":method": method,
      ":path": target.path,
      ":authority": target.host,
    });
    const chunks: Buffer[] = [];
    let status = 0;
    let answered: IncomingHttpHeaders = {};
    stream.once("response", (received) => {
      status = received[":status"] ?? 0;
      answered = Object.fromEntries(Object.entries(received).filter(([name]) => !name.startsWith(":")));
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.once("error", reject);
    stream.once("close", () => {
      if (status === 0) reject(new Error("the stream was closed without an answer"));
      else resolve({ status, headers: answered, body: Buffer.concat(chunks).toString() });
    });
    stream.end(body);
  });
}
