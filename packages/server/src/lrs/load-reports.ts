import { isObservable, type Observable, Subject } from "rxjs";
import type { BytesCall, BytesCallHandler } from "../calls/bytes-call.js";
import { asCallError, CallError, type Warn } from "../calls/call-error.js";
import { CallGuards } from "../calls/call-guards.js";
import { SerialCall } from "../calls/serial-call.js";
import { limitsOf } from "../limits/limits.js";
import { admit } from "../source/admission.js";
import { ClientRefusedError, type XdsOptions } from "../xds-options.js";
import { LoadClient, type LoadHooks } from "./load-client.js";
import type { LoadReport, LoadReporting, LoadReportOptions } from "./load-report.js";
import { checkLoadReportOptions } from "./response.js";

/** `envoy.service.load_stats.v3.LoadReportingService` without a transport (rule 66 of docs/protocol.md). */
export interface LoadReports extends LoadReporting {
  /** A client opened a stream. */
  open(channel: BytesCall): BytesCallHandler;
  close(): void;
}

/** @throws RangeError when the options make no sense. */
export function createLoadReports(options: XdsOptions): LoadReports {
  const reports = new Subject<LoadReport>();
  const clients = new Map<SerialCall, LoadClient>();
  const warn: Warn = (why) => options.logger?.warn(`load reports: ${why}`);
  const guards = new CallGuards(limitsOf(options.limits));
  let current: LoadReportOptions | undefined;

  const hooks: LoadHooks = {
    options: () => current,
    admit: (call, node) =>
      new Promise((resolve, reject) => {
        void admit(call, node, options, {
          admitted: (_call, key) => resolve(key),
          refused(_call, error) {
            warn(`refused ${node.id} at ${call.channel.peer.address}: ${messageOf(error)}`);
            reject(refusal(error));
          },
        });
      }),
    listened: () => reports.observed,
    report: (report) => reports.next(report),
  };

  const use = (next: LoadReportOptions): void => {
    checkLoadReportOptions(next);
    current = next;
    for (const [call, client] of [...clients]) {
      try {
        client.ask(call);
      } catch (error) {
        call.end(asCallError(error, warn));
      }
    }
  };
  const following = follow(options.loadReports, use, warn);

  return {
    loadReports$: reports.asObservable(),
    open(channel) {
      const client = new LoadClient(hooks);
      const handle = (bytes: Buffer, call: SerialCall) => client.handle(bytes, call);
      const call = new SerialCall(channel, handle, (over) => clients.delete(over), warn, guards);
      clients.set(call, client);
      return call.open();
    },
    close() {
      following?.unsubscribe();
      for (const call of [...clients.keys()]) call.end(new CallError("UNAVAILABLE", "the server is closing"));
      guards.close();
      reports.complete();
    },
  };
}

/** Uses the options, and what they become. What an Observable says wrongly does not change what is in force. */
function follow(
  source: LoadReportOptions | Observable<LoadReportOptions> | undefined,
  use: (options: LoadReportOptions) => void,
  warn: Warn,
): { unsubscribe(): void } | undefined {
  if (source === undefined) return undefined;
  if (!isObservable(source)) {
    use(source);
    return undefined;
  }
  const wrong = (error: unknown): void => warn(messageOf(error));
  return source.subscribe({
    next: (options) => {
      try {
        use(options);
      } catch (error) {
        wrong(error);
      }
    },
    error: wrong,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a client is told that is turned away. What the user's function threw by accident is not for its eyes. */
function refusal(error: unknown): CallError {
  if (error instanceof ClientRefusedError) return new CallError(error.code, error.message);
  return new CallError("UNAVAILABLE", "the server could not decide about this client");
}
