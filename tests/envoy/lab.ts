import { type Envoy, httpGet, type StartEnvoyOptions, withEnvoy } from "@rxds/testkit";
import { type Snapshot, serveXds, type XdsEvent, type XdsServer } from "rxds";
import { BehaviorSubject } from "rxjs";

/** The variant of the protocol that Envoy speaks. */
export type Mode = "delta" | "sotw";

/** The node id of the lab's Envoy. */
export const NODE_ID = "n1";

/** What a lab begins with. */
export interface LabOptions {
  readonly mode: Mode;
  /** What the control plane serves first. */
  readonly first: Snapshot;
  /** More for Envoy's start. */
  readonly envoy?: Omit<StartEnvoyOptions, "ads" | "mode" | "node">;
  /** What Envoy says that it can. Default: nothing. */
  readonly clientFeatures?: readonly string[];
  /** Whether Envoy does not accept all of the first snapshot: the test waits for what it expects. Default: false. */
  readonly partial?: boolean;
}

/** How a request is sent. */
export interface Request {
  /** Default `ingress`. */
  readonly listener?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds. Default 10000. */
  readonly timeoutMs?: number;
}

/** One control plane and one Envoy that follows it. */
export interface Lab {
  readonly envoy: Envoy;
  /** The control plane that runs now. */
  readonly server: () => XdsServer;
  /** All that happened so far, oldest first. */
  readonly events: readonly XdsEvent[];
  /** Makes a snapshot the newest, and waits until Envoy has accepted all that it wants of it. */
  readonly emit: (snapshot: Snapshot) => Promise<void>;
  /** Makes a snapshot the newest. */
  readonly next: (snapshot: Snapshot) => void;
  /** Ends the control plane and starts another with the same configuration. Envoy connects to it later, by itself. */
  readonly restart: () => Promise<void>;
  /** A request to one of Envoy's listeners. */
  readonly get: (path?: string, request?: Request) => Promise<{ status: number; body: string }>;
}

/** Starts a control plane and an Envoy, calls `run` when Envoy has accepted the first snapshot (unless `partial`), and ends both. */
export async function withLab(options: LabOptions, run: (lab: Lab) => Promise<void>) {
  const { mode, first, clientFeatures = [] } = options;
  const snapshot$ = new BehaviorSubject(first);
  const events: XdsEvent[] = [];
  const start = async (address: string) => {
    const started = await serveXds({ address, snapshots: snapshot$ });
    started.events$.subscribe((event) => events.push(event));
    return started;
  };
  let server = await start("127.0.0.1:0");
  const next = (snapshot: Snapshot) => snapshot$.next(snapshot);
  const emit = async (snapshot: Snapshot) => {
    next(snapshot);
    await server.converged(snapshot.version, { deadlineMs: 10_000 });
  };
  const restart = async () => {
    const { address } = server;
    await server.close();
    server = await start(address);
  };
  const node = { id: NODE_ID, cluster: "c", clientFeatures: [...clientFeatures] };
  try {
    await withEnvoy({ ...options.envoy, ads: server.address, mode, node }, async (envoy) => {
      if (!options.partial) {
        await envoy.ready();
        await server.converged(first.version);
      }
      const get: Lab["get"] = async (path = "/", { listener = "ingress", headers = {}, timeoutMs = 10_000 } = {}) => {
        const url = `http://${await envoy.listenerAddress(listener)}${path}`;
        const { status, body } = await httpGet(url, { headers, timeoutMs });
        return { status, body };
      };
      await run({ envoy, server: () => server, events, next, emit, restart, get });
    });
  } finally {
    await server.close();
  }
}
