import { Agent, type ClientRequest, request } from "node:http";

/** What load to make. */
export interface LoadOptions {
  /** Where to: a GET of this URL. */
  readonly url: string;
  /** Connections, each with one request at a time. Default 4. */
  readonly connections?: number;
  /** Request headers. `host` chooses Envoy's virtual host. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds until a whole answer counts as failed. Default 5000. */
  readonly timeoutMs?: number;
  /** Milliseconds that each connection rests between two requests. Default 1: the machine is there for Envoy too. */
  readonly restMs?: number;
  /** After this many requests a connection is closed and a new one made. Default: it is kept. */
  readonly newConnectionEvery?: number;
  /** Statuses from this one on count as failed. Default 300. */
  readonly failFrom?: number;
}

/** What became of the requests so far. */
export interface LoadReport {
  /** Requests that ended, well or not. */
  readonly requests: number;
  /** Answers with a status below `failFrom`. */
  readonly succeeded: number;
  /** Connections that requests were sent on. */
  readonly connections: number;
  /** How often each upstream answered well, by the header `x-upstream` (`""` without it). */
  readonly upstreams: Readonly<Record<string, number>>;
  /**
   * How often each kind of failure happened: `status 503`, `ECONNREFUSED`, `timeout`, … The words `on an idle
   * connection` follow when a connection that had answered before was lost without a byte of this answer: HTTP lets a
   * server close an idle connection at any time, and clients repeat such a request.
   */
  readonly failures: Readonly<Record<string, number>>;
}

/** A load that is running. */
export interface Load extends AsyncDisposable {
  /** The numbers up to now. */
  report(): LoadReport;
  /** Lets the requests under way finish, closes the connections, and resolves with the final numbers. */
  stop(): Promise<LoadReport>;
}

/** Starts to send requests over keep-alive connections until it is stopped. */
export function startLoad(options: LoadOptions): Load {
  const { connections = 4, restMs = 1, newConnectionEvery = Number.POSITIVE_INFINITY } = options;
  const upstreams = new Map<string, number>();
  const failures = new Map<string, number>();
  let requests = 0;
  let succeeded = 0;
  let opened = 0;
  let stopping = false;
  const wake = new Set<() => void>();

  const rest = (): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        wake.delete(done);
        resolve();
      };
      const timer = setTimeout(done, restMs);
      wake.add(done);
    });
  const loop = async (): Promise<void> => {
    const create = (): Agent => new Agent({ keepAlive: true, maxSockets: 1 });
    let agent = create();
    for (let sent = 1; !stopping; sent += 1) {
      const outcome = await requestOnce(options, agent);
      requests += 1;
      if (outcome.opened) opened += 1;
      if (outcome.ok) {
        succeeded += 1;
        count(upstreams, outcome.upstream);
      } else count(failures, outcome.kind);
      if (sent % newConnectionEvery === 0) {
        agent.destroy();
        agent = create();
      }
      await rest();
    }
    agent.destroy();
  };
  const loops = Array.from({ length: connections }, loop);
  const report = (): LoadReport => ({
    requests,
    succeeded,
    connections: opened,
    upstreams: Object.fromEntries(upstreams),
    failures: Object.fromEntries(failures),
  });
  const stop = async (): Promise<LoadReport> => {
    stopping = true;
    for (const done of wake) done();
    await Promise.all(loops);
    return report();
  };
  return {
    report,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

type Answer = { readonly ok: true; readonly upstream: string } | { readonly ok: false; readonly kind: string };
/** And whether a connection was opened for it. */
type Outcome = Answer & { readonly opened: boolean };

function requestOnce(
  { url, headers = {}, timeoutMs = 5000, failFrom = 300 }: LoadOptions,
  agent: Agent,
): Promise<Outcome> {
  return new Promise((resolve) => {
    let answering = false;
    const req = request(url, { agent, headers });
    let opened = false;
    const done = (answer: Answer): void => {
      clearTimeout(timer);
      resolve({ ...answer, opened });
    };
    req.once("socket", () => {
      opened = !req.reusedSocket;
    });
    const timer = setTimeout(() => {
      done({ ok: false, kind: "timeout" });
      req.destroy();
    }, timeoutMs);
    const fail = (error: NodeJS.ErrnoException): void => done({ ok: false, kind: kindOf(error, req, answering) });
    req.on("error", fail);
    req.once("response", (res) => {
      answering = true;
      const status = res.statusCode ?? 0;
      res.on("error", fail);
      res.once("end", () => {
        if (status >= failFrom) done({ ok: false, kind: `status ${status}` });
        else done({ ok: true, upstream: String(res.headers["x-upstream"] ?? "") });
      });
      res.resume();
    });
    req.end();
  });
}

function kindOf(error: NodeJS.ErrnoException, req: ClientRequest, answering: boolean): string {
  const kind = error.code ?? error.message;
  const lost = kind === "ECONNRESET" || kind === "EPIPE";
  return lost && req.reusedSocket && !answering ? `${kind} on an idle connection` : kind;
}
