import { eventually } from "@rxds/testkit";
import { type Snapshot, serveXds, typeUrls, type XdsEvent, type XdsServer } from "rxds";
import { BehaviorSubject } from "rxjs";
import { type Pushing, pushingOptions } from "./pushing.js";

/** How long a transition may take. Less than Envoy's own fetch timeout, 15 s: what it gives up on has not gone well. */
export const DEADLINE_MS = 10_000;
/** Events that are kept to be shown beside a failure. */
const KEPT_EVENTS = 2000;

/** An event and when it was heard, in ms since the epoch. */
export interface Heard {
  readonly at: number;
  readonly event: XdsEvent;
}

/** A control plane that can be ended and started again on the same port. */
export interface Control extends AsyncDisposable {
  readonly address: string;
  /** The newest events, oldest first. */
  readonly heard: readonly Heard[];
  /** How many responses were sent, by all control planes together. */
  sent(): number;
  /** Makes a snapshot the newest: at once, or when the next control plane starts. */
  emit(snapshot: Snapshot): void;
  /** Waits until Envoy has accepted all of a snapshot. */
  converged(snapshot: Snapshot, types: number): Promise<void>;
  /** Waits until Envoy was found to reject a resource since then; `rest`: and has answered all else. */
  rejected(name: string, rest: boolean): Promise<void>;
  /** Waits until Envoy has accepted a response with clusters since that time. */
  clustersAcked(since: number): Promise<void>;
  /** Ends the control plane. */
  stop(): Promise<void>;
  /** Starts another one. */
  start(): Promise<void>;
}

/** Milliseconds since the epoch with fractions: the clock of the load, too. */
export const now = (): number => performance.timeOrigin + performance.now();

export async function startControl(first: Snapshot, pushing: Pushing): Promise<Control> {
  const snapshot$ = new BehaviorSubject(first);
  const heard: Heard[] = [];
  let sent = 0;
  const serve = async (address: string): Promise<XdsServer> => {
    const started = await serveXds({ address, snapshots: snapshot$, ...pushingOptions(pushing) });
    started.events$.subscribe((event) => {
      if (event.kind === "sent") sent += 1;
      heard.push({ at: now(), event });
      if (heard.length > 2 * KEPT_EVENTS) heard.splice(0, KEPT_EVENTS);
    });
    return started;
  };
  let server: XdsServer | undefined = await serve("127.0.0.1:0");
  const { address } = server;
  const running = (): XdsServer => {
    if (server === undefined) throw new Error("the control plane is down");
    return server;
  };
  const stop = async () => {
    await server?.close();
    server = undefined;
  };
  return {
    address,
    heard,
    sent: () => sent,
    emit: (snapshot) => snapshot$.next(snapshot),
    async converged({ version }, types) {
      // A client that has just connected counts for what it has asked for.
      await eventually(() => (running().clients()[0]?.types.length ?? 0) >= types, { deadlineMs: DEADLINE_MS });
      await running().converged(version, { clients: 1, deadlineMs: DEADLINE_MS });
    },
    async rejected(name, rest) {
      const isIt = ({ event }: Heard) => event.kind === "quarantined" && event.name === name;
      await eventually(() => heard.some(isIt), { deadlineMs: DEADLINE_MS, describe: `${name} is rejected` });
      if (rest)
        await eventually(() => settled(running()), { deadlineMs: DEADLINE_MS, describe: () => state(running()) });
    },
    async clustersAcked(since) {
      const isIt = ({ at, event }: Heard) => at > since && event.kind === "acked" && event.type === typeUrls.cluster;
      await eventually(() => heard.some(isIt), { deadlineMs: DEADLINE_MS, intervalMs: 1, describe: "an ACK of CDS" });
    },
    stop,
    async start() {
      server ??= await serve(address);
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** Whether the client has answered everything, and nothing waits for it. */
function settled(server: XdsServer): boolean {
  const types = server.clients().flatMap((client) => client.types);
  return types.every(({ pending, inFlight, onTrial }) => !pending && inFlight.length === 0 && onTrial.length === 0);
}

const state = (server: XdsServer) => JSON.stringify(server.clients());
