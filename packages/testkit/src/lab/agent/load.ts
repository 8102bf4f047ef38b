import { type LoadReport, startLoad } from "../../http/load.js";

/** What load to make. */
export interface LoadRequest {
  /** Where to: a GET of this URL. */
  readonly url: string;
  /** Connections, each with one request at a time. Default 4. */
  readonly loops?: number;
  /** After this many requests a connection is closed and a new one made. Default: it is kept. */
  readonly newConnectionEvery?: number;
  /** Milliseconds that each loop rests between two requests. Default 1. */
  readonly intervalMs?: number;
  /** Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds until a whole answer counts as failed. Default 5000. */
  readonly timeoutMs?: number;
  /** Statuses from this one on count as failed. Default 500. */
  readonly failFrom?: number;
}

/** What became of the requests so far. */
export interface LoadResult {
  /** Requests that ended, well or not. */
  readonly requests: number;
  /** How many of them failed. */
  readonly failed: number;
  /** How often each kind of failure happened: `status 503`, `ECONNREFUSED`, `timeout`, …; see `LoadReport`. */
  readonly failures: Readonly<Record<string, number>>;
  /** How often each backend answered, by its name. */
  readonly byAnswer: Readonly<Record<string, number>>;
  /** Connections that requests were sent on. */
  readonly connections: number;
}

/** A load that is running. */
export interface RunningLoad {
  report(): LoadResult;
  /** Lets the requests under way finish, and resolves with the final numbers. */
  stop(): Promise<LoadResult>;
}

/** Starts a load. */
export function runLoad({ url, loops = 4, intervalMs = 1, failFrom = 500, ...rest }: LoadRequest): RunningLoad {
  const load = startLoad({ url, connections: loops, restMs: intervalMs, failFrom, ...rest });
  return { report: () => resultOf(load.report()), stop: async () => resultOf(await load.stop()) };
}

function resultOf({ requests, succeeded, failures, upstreams, connections }: LoadReport): LoadResult {
  return { requests, failed: requests - succeeded, failures, byAnswer: upstreams, connections };
}
