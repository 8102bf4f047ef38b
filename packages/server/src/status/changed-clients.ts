import { type Observable, Subject } from "rxjs";
import type { XdsStream } from "../stream/stream.js";
import { type ClientStatus, clientStatus } from "./client-status.js";

/** The statuses of clients as they change. */
export interface ChangedClients {
  readonly clients$: Observable<ClientStatus>;
  /** A stream's status is not what it was. Costs nothing while nobody listens. */
  changed(stream: XdsStream): void;
  complete(): void;
}

/** Emits a client at most once a turn of the event loop. */
export function createChangedClients(): ChangedClients {
  const statuses = new Subject<ClientStatus>();
  const stale = new Set<XdsStream>();
  return {
    clients$: statuses.asObservable(),
    changed(stream) {
      if (!statuses.observed) return;
      if (stale.size === 0) {
        setImmediate(() => {
          const batch = [...stale];
          stale.clear();
          for (const one of batch) statuses.next(clientStatus(one));
        });
      }
      stale.add(stream);
    },
    complete: () => statuses.complete(),
  };
}
