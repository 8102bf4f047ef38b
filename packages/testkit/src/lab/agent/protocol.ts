import type { ConnectManyRequest, ConnectManyResult } from "./connect-many.js";
import type { Ends } from "./ends.js";
import type { HttpOutcome, HttpRequest } from "./http-request.js";
import type { LoadRequest, LoadResult } from "./load.js";
import type { ServedAt, ServeOptions } from "./serve.js";
import type { TcpOutcome, TcpRequest } from "./tcp-request.js";
import type { UdpOutcome, UdpRequest } from "./udp-request.js";

// What an agent and the test say to each other: JSON, one message a line, over a unix socket. Each request gets one
// response with its id, in any order.

/** What an agent can do: by method, what it takes and what it answers. */
export interface AgentMethods {
  serve(options: ServeOptions): ServedAt & Handle;
  unserve(handle: Handle): null;
  http(request: HttpRequest): HttpOutcome;
  tcp(request: TcpRequest): TcpOutcome;
  udp(request: UdpRequest): UdpOutcome;
  connectMany(request: ConnectManyRequest): ConnectManyResult;
  open(target: { address: string; port: number; timeoutMs?: number }): Ends & Handle;
  exchange(options: Handle & { text: string; timeoutMs?: number }): string;
  /** Answers when the connection has ended, with the reason. */
  closed(handle: Handle): string;
  close(handle: Handle): null;
  startLoad(options: LoadRequest): Handle;
  stopLoad(handle: Handle): LoadResult;
  reportLoad(handle: Handle): LoadResult;
}

/** Names something that lives in the agent. */
export interface Handle {
  readonly handle: number;
}

/** A call of a method. */
export interface Request<M extends keyof AgentMethods = keyof AgentMethods> {
  readonly id: number;
  readonly method: M;
  readonly params: Parameters<AgentMethods[M]>[0];
}

/** What came of a call. */
export type Response =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };
