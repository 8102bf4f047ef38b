import { Server, ServerCredentials, type ServerOptions } from "@grpc/grpc-js";
import { HealthImplementation, type ServingStatusMap } from "grpc-health-check";
import type { LoadReporting } from "../lrs/load-report.js";
import { createLoadReports } from "../lrs/load-reports.js";
import { createXdsCore, type XdsStatus } from "../xds-core.js";
import type { XdsOptions } from "../xds-options.js";
import { addFurtherServices } from "./further-services.js";
import { isLoopback, isUnix } from "./loopback.js";
import { AGGREGATED } from "./services.js";
import { removeStaleSocket } from "./stale-socket.js";
import { transportOptions } from "./transport-options.js";
import { addServices, startSource, statusOf } from "./xds-services.js";

/** What `serveXds` listens on, beside what it serves. */
export interface ServeXdsOptions extends XdsOptions {
  /**
   * Where to listen: `host:port` (`[::1]:18000` for IPv6; port 0 takes a free one), or `unix:/path`. A socket of a server that was killed
   * is replaced.
   */
  readonly address: string;
  /** How clients are authenticated. Default: no TLS, which only a loopback address may do. */
  readonly credentials?: ServerCredentials;
  /** Listens without TLS on any address: everybody who reaches it can read the configuration. Default: false. */
  readonly insecure?: boolean;
  /**
   * How often a connection is checked by an HTTP/2 ping, in ms: a client that is gone without a word is noticed.
   * Default: 30,000.
   */
  readonly keepaliveMs?: number;
  /** How long a client may take to answer that ping, in ms, before its connection is closed. Default: 10,000. */
  readonly keepaliveTimeoutMs?: number;
  /** More options of grpc-js, over those that follow from the ones here. */
  readonly serverOptions?: ServerOptions;
}

/** A running xDS server. */
export interface XdsServer extends XdsStatus, LoadReporting, AsyncDisposable {
  /** Where it listens: `host:port`, or `unix:/path`. */
  readonly address: string;
  /** The port of that address; 0 for a Unix socket. */
  readonly port: number;
  /**
   * Stops: health turns to NOT_SERVING, every stream is ended with UNAVAILABLE so that clients go elsewhere, connections may
   * finish until the deadline (ms, default 5,000), and what is left is cut off. Clients keep what they have.
   */
  close(deadlineMs?: number): Promise<void>;
}

/** The server can't be started as it was asked to. */
export class ServeXdsError extends Error {
  override readonly name = "ServeXdsError";
  constructor(
    /** `insecure`: no credentials on an address that others can reach. `bind`: the address can't be listened on. */
    readonly code: "insecure" | "bind",
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Starts an xDS server: every discovery service, gRPC health (SERVING once a configuration is in force), client status and
 * load reports as the options say.
 *
 * Until its source has emitted, the server is silent: an empty answer would delete all that a client has.
 *
 * @throws ServeXdsError
 * @throws XdsOptionError when an option has a value that can't be meant.
 * @throws RangeError when an option is out of its range.
 */
export async function serveXds(options: ServeXdsOptions): Promise<XdsServer> {
  const { address, credentials, insecure = false } = options;
  if (credentials === undefined && !insecure && !isLoopback(address)) {
    throw new ServeXdsError(
      "insecure",
      `refusing to serve without TLS on ${address}, which is not a loopback address: ` +
        "pass credentials: ServerCredentials.createSsl(…), or insecure: true if the network is protected otherwise",
    );
  }
  const loads = createLoadReports(options);
  await removeStaleSocket(address);
  const core = createXdsCore(options);
  const server = new Server(transportOptions(options));
  addServices(server, core);
  const local = credentials === undefined && isLoopback(address);
  const closeFurther = addFurtherServices(server, core, loads, { clientStatus: local, ...options });
  const health = serveHealth(server);
  const watching = core.ready$.subscribe(() => health("SERVING"));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, credentials ?? ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(new ServeXdsError("bind", `cannot listen on ${address}: ${error.message}`, { cause: error }));
    });
  }).catch((error: unknown) => {
    core.close();
    closeFurther();
    server.forceShutdown();
    throw error;
  });
  startSource(core, options);
  let closing: Promise<void> | undefined;
  const close = (deadlineMs = 5000): Promise<void> => {
    closing ??= shutDown(deadlineMs);
    return closing;
  };
  const shutDown = async (deadlineMs: number): Promise<void> => {
    watching.unsubscribe();
    health("NOT_SERVING");
    core.close();
    closeFurther();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => server.forceShutdown(), deadlineMs);
      server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  };
  return {
    ...statusOf(core),
    loadReports$: loads.loadReports$,
    address: isUnix(address) ? address : `${address.slice(0, address.lastIndexOf(":"))}:${port}`,
    port: isUnix(address) ? 0 : port,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

/** Adds `grpc.health.v1.Health`, for the server as a whole and for the aggregated service. */
function serveHealth(server: Server): (status: "SERVING" | "NOT_SERVING") => void {
  const initial: ServingStatusMap = { "": "NOT_SERVING", [AGGREGATED]: "NOT_SERVING" };
  const health = new HealthImplementation(initial);
  health.addToServer(server);
  return (status) => {
    health.setStatus("", status);
    health.setStatus(AGGREGATED, status);
  };
}
