import { createSnapshot, type ResourceItem, type Snapshot, serveXds, type XdsEvent, type XdsServer } from "rxds";
import { BehaviorSubject } from "rxjs";

/** A control plane that can be closed and come back on the same port. */
export interface ControlPlane extends AsyncDisposable {
  /** Where it serves, also after it was closed. */
  readonly address: string;
  /** The server that runs, or ran last. */
  readonly server: XdsServer;
  /** What all its servers told. */
  readonly events: readonly XdsEvent[];
  /** Serves this and nothing else from now on. */
  emit(...items: readonly ResourceItem[]): Snapshot;
  /** Starts a new server on the same port, with what was emitted last. */
  restart(): Promise<void>;
}

/** Starts a control plane on a free port. */
export async function startControlPlane(...items: readonly ResourceItem[]): Promise<ControlPlane> {
  const snapshot$ = new BehaviorSubject(createSnapshot(items));
  const events: XdsEvent[] = [];
  const start = async (address: string) => {
    const server = await serveXds({ address, snapshots: snapshot$ });
    server.events$.subscribe((event) => events.push(event));
    return server;
  };
  let server = await start("127.0.0.1:0");
  const { address } = server;
  return {
    address,
    get server() {
      return server;
    },
    events,
    emit(...next) {
      snapshot$.next(createSnapshot(next));
      return snapshot$.value;
    },
    async restart() {
      server = await start(address);
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}
