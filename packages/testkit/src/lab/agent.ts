import type { ConnectManyRequest, ConnectManyResult } from "./agent/connect-many.js";
import type { Ends } from "./agent/ends.js";
import type { HttpOutcome, HttpRequest } from "./agent/http-request.js";
import type { LoadRequest, LoadResult } from "./agent/load.js";
import type { ServeOptions, ServerOptions, TcpServerOptions } from "./agent/serve.js";
import type { TcpOutcome, TcpRequest } from "./agent/tcp-request.js";
import type { UdpOutcome, UdpRequest } from "./agent/udp-request.js";
import { type AgentProcess, startAgentProcess } from "./agent-process.js";
import type { Home } from "./home.js";

/** A server of an agent. */
export interface AgentServer extends AsyncDisposable {
  /** What it calls itself in its answers. */
  readonly name: string;
  /** Where it listens. */
  readonly port: number;
  /** Closes it and all its connections. */
  stop(): Promise<void>;
}

/** A TCP connection that an agent keeps open. */
export interface AgentConnection extends Ends, AsyncDisposable {
  /**
   * Sends a line and resolves with the next line that comes. Throws TestkitError `agent-failed` when the connection ends
   * first, or when nothing comes within `timeoutMs` (default 5000), which also ends the connection.
   */
  exchange(text: string, options?: { readonly timeoutMs?: number }): Promise<string>;
  /**
   * Resolves when the connection has ended, with the reason: the error's code such as `ECONNRESET`, `closed` by the other
   * side, `stopped` by `close`, or `agent stopped`.
   */
  readonly closed: Promise<string>;
  /** Ends it. */
  close(): Promise<void>;
}

/** A load that an agent makes. */
export interface AgentLoad extends AsyncDisposable {
  /** The numbers up to now. */
  report(): Promise<LoadResult>;
  /** Lets the requests under way finish, and resolves with the final numbers. */
  stop(): Promise<LoadResult>;
}

/**
 * A process in a namespace that does for a test what can only be done there. It does not outlive the test's process.
 * Calls throw TestkitError `agent-failed` when it ended, or cannot do what it is asked for; what the network answered to
 * `http`, `tcp`, `udp` and `connectMany` is a result, even when it is an error.
 */
export interface LabAgent {
  /** Its process id. */
  readonly pid: number;
  /** An HTTP/1.1 server. It answers with an `HttpEcho` as JSON; see there for headers that change the answer. */
  serveHttp(options: ServerOptions): Promise<AgentServer>;
  /** The same for HTTP/2 without TLS and without upgrade. */
  serveHttp2(options: ServerOptions): Promise<AgentServer>;
  /** A TCP server that answers each line with `NAME: LINE`; with `speaksFirst` it begins with the line `NAME`. */
  serveTcp(options: TcpServerOptions): Promise<AgentServer>;
  /** A UDP server that answers each datagram with `NAME: DATAGRAM`. */
  serveUdp(options: ServerOptions): Promise<AgentServer>;
  /** One HTTP request on a connection of its own. */
  http(request: HttpRequest): Promise<HttpOutcome>;
  /** One TCP connection: sends, reads lines, closes. */
  tcp(request: TcpRequest): Promise<TcpOutcome>;
  /** One datagram and the answer to it. */
  udp(request: UdpRequest): Promise<UdpOutcome>;
  /** Many short TCP connections, counted: resolves when the last has ended. */
  connectMany(request: ConnectManyRequest): Promise<ConnectManyResult>;
  /** Opens a TCP connection and keeps it. `timeoutMs` is for connecting, default 5000. */
  open(target: { address: string; port: number; timeoutMs?: number }): Promise<AgentConnection>;
  /** Sends HTTP requests over keep-alive connections until it is stopped. */
  startLoad(options: LoadRequest): Promise<AgentLoad>;
  /** Ends the process and with it all that it serves and keeps. */
  stop(): Promise<void>;
}

/** Starts an agent in a node or a pod, and calls `onEnded` when it has ended. Throws TestkitError `agent-failed`. */
export async function startAgent(home: Home, onEnded: () => void): Promise<LabAgent> {
  const agent = await startAgentProcess(home);
  agent.exited.then(onEnded);
  const { pid, call, stop } = agent;
  const serve = async (options: ServeOptions): Promise<AgentServer> => {
    const { handle, port } = await call("serve", options);
    let stopped: Promise<unknown> | undefined;
    const stop = async (): Promise<void> => {
      stopped ??= call("unserve", { handle });
      await stopped;
    };
    return { name: options.name, port, stop, [Symbol.asyncDispose]: stop };
  };
  return {
    pid,
    serveHttp: (options) => serve({ ...options, protocol: "http" }),
    serveHttp2: (options) => serve({ ...options, protocol: "http2" }),
    serveTcp: (options) => serve({ ...options, protocol: "tcp" }),
    serveUdp: (options) => serve({ ...options, protocol: "udp" }),
    http: (request) => call("http", request),
    tcp: (request) => call("tcp", request),
    udp: (request) => call("udp", request),
    connectMany: (request) => call("connectMany", request),
    open: async (target) => connection(agent, await call("open", target)),
    startLoad: async (options) => load(agent, await call("startLoad", options)),
    stop,
  };
}

function connection({ call }: AgentProcess, { handle, ...ends }: Ends & { handle: number }): AgentConnection {
  const close = async (): Promise<void> => {
    await call("close", { handle });
  };
  return {
    ...ends,
    exchange: (text, { timeoutMs } = {}) => call("exchange", { handle, text, ...(timeoutMs && { timeoutMs }) }),
    closed: call("closed", { handle }).catch(() => "agent stopped"),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function load({ call }: AgentProcess, { handle }: { handle: number }): AgentLoad {
  const stop = (): Promise<LoadResult> => call("stopLoad", { handle });
  return {
    report: () => call("reportLoad", { handle }),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}
