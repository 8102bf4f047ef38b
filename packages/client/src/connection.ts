import { BehaviorSubject, type Observable } from "rxjs";
import type { Backoff } from "./backoff.js";
import { XdsClientError } from "./error.js";
import type { ConnectionStatus } from "./status.js";
import type { DeltaStream, DeltaTransport } from "./transport/delta-transport.js";

/** Keeps one stream to the server, over and over. */
export interface Connection {
  /** The status, the present one first. Completes when the connection is closed. */
  readonly status$: Observable<ConnectionStatus>;
  status(): ConnectionStatus;
  /** Tells that there may be something to write. Writing starts after the present turn, so that changes gather. */
  wake(): void;
  /** Writes what is pending, ends the stream, waits for the server to end it too (at most 1 s), and never comes back. */
  close(): Promise<void>;
}

/** What a connection is told and asks. */
export interface ConnectionOptions {
  readonly transport: DeltaTransport;
  readonly backoff: Backoff;
  /** How long an attempt may take until the connection is up, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** A stream was opened: nothing has been said on it yet. */
  opened(): void;
  /** The next message to write, if any. Asked only when it can be written. */
  next(): Buffer | undefined;
  /** A message came. An XdsClientError thrown here ends the stream. */
  receive(bytes: Uint8Array): void;
  /** How many answers wait to be written: reading pauses while there are many. */
  backlog(): number;
  /** The stream is over. */
  lost(): void;
}

/** A server that sends without reading our answers would otherwise make us keep all of them. */
const MAX_BACKLOG = 32;
const CLOSE_GRACE_MS = 1000;

interface Attempt {
  readonly stream: DeltaStream;
  ready: boolean;
  writing: boolean;
  paused: boolean;
}

/** Starts to connect, after the present turn. */
export function createConnection(options: ConnectionOptions): Connection {
  const status = new BehaviorSubject<ConnectionStatus>({ state: "connecting", attempts: 1 });
  let attempt: Attempt | undefined;
  let timer: NodeJS.Timeout | undefined;
  let woken = false;
  let closing: Promise<void> | undefined;
  let closed = (): void => {};

  function open(): void {
    let ended = false;
    options.opened();
    const end = (error?: XdsClientError): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      attempt = undefined;
      if (closing === undefined) retry(error);
      else closed();
    };
    const fail = (error: XdsClientError): void => {
      end(error);
      stream.cancel();
    };
    const stream = options.transport.open({
      ready() {
        if (ended || current.ready || closing !== undefined) return;
        clearTimeout(timer);
        current.ready = true;
        status.next({ ...status.value, state: "connected" });
        pump();
      },
      message(bytes) {
        if (ended || closing !== undefined) return;
        try {
          options.receive(bytes);
        } catch (error) {
          if (!(error instanceof XdsClientError)) throw error;
          fail(error);
          return;
        }
        options.backoff.reset();
        if (status.value.attempts > 0 && closing === undefined) status.next({ state: "connected", attempts: 0 });
        pace();
      },
      end,
    });
    const current: Attempt = { stream, ready: false, writing: false, paused: false };
    attempt = current;
    timer = setTimeout(() => {
      fail(new XdsClientError("stream", `no connection within ${options.connectTimeoutMs} ms`, { grpcStatus: 14 }));
    }, options.connectTimeoutMs);
  }

  function retry(error: XdsClientError | undefined): void {
    options.lost();
    const retryInMs = options.backoff.next();
    const { attempts } = status.value;
    status.next({ state: "backoff", attempts, retryInMs, ...(error === undefined ? {} : { error }) });
    // A listener may have closed the client.
    if (closing !== undefined) return;
    timer = setTimeout(() => {
      status.next({ state: "connecting", attempts: attempts + 1, ...(error === undefined ? {} : { error }) });
      if (closing === undefined) open();
    }, retryInMs);
  }

  function pump(): void {
    const current = attempt;
    if (current === undefined || !current.ready || current.writing || closing !== undefined) return;
    const bytes = options.next();
    if (bytes !== undefined) {
      current.writing = true;
      current.stream.write(bytes, () => {
        current.writing = false;
        pump();
      });
    }
    pace();
  }

  function pace(): void {
    const current = attempt;
    if (current === undefined) return;
    const pause = options.backlog() >= MAX_BACKLOG;
    if (pause === current.paused) return;
    current.paused = pause;
    if (pause) current.stream.pause();
    else current.stream.resume();
  }

  function shut(): void {
    clearTimeout(timer);
    options.transport.close();
    status.next({ state: "closed", attempts: status.value.attempts });
    status.complete();
  }

  async function close(): Promise<void> {
    clearTimeout(timer);
    const current = attempt;
    if (current?.ready) {
      const over = new Promise<void>((resolve) => {
        closed = resolve;
        timer = setTimeout(resolve, CLOSE_GRACE_MS);
      });
      for (let bytes = options.next(); bytes !== undefined; bytes = options.next()) {
        current.stream.write(bytes, () => {});
      }
      // A paused stream would never see the server's end.
      current.stream.resume();
      current.stream.end();
      await over;
    }
    current?.stream.cancel();
    shut();
  }

  timer = setTimeout(open, 0);
  return {
    status$: status.asObservable(),
    status: () => status.value,
    wake() {
      if (woken) return;
      woken = true;
      queueMicrotask(() => {
        woken = false;
        pump();
      });
    },
    close() {
      // An end that comes from now on is no loss.
      closing ??= Promise.resolve().then(close);
      return closing;
    },
  };
}
