import { type Envoy, startEnvoy, upstream } from "@rxds/testkit";
import { createSnapshot, type Snapshot, serveXds, type XdsServer } from "rxds";
import { Subject } from "rxjs";
import { collectPushes, type Push } from "./pushes.js";
import type { Addresses } from "./step.js";

/** A control plane, an Envoy that follows it, and three servers. */
export interface Lab {
  readonly server: XdsServer;
  readonly envoy: Envoy;
  readonly addresses: Addresses;
  /** All that Envoy was sent so far. */
  readonly pushes: readonly Push[];
  /** The configuration that was emitted last; empty at first. */
  snapshot(): Snapshot;
  /** Emits a configuration. */
  emit(snapshot: Snapshot): void;
}

/** Sets up the lab, calls `body`, and takes everything down again, whatever happens. */
export async function withLab<T>(body: (lab: Lab) => Promise<T>): Promise<T> {
  await using red = await upstream({ name: "red" });
  await using green = await upstream({ name: "green" });
  await using blue = await upstream({ name: "blue" });
  const snapshot$ = new Subject<Snapshot>();
  let snapshot = createSnapshot();
  await using server = await serveXds({ address: "127.0.0.1:0", snapshots: snapshot$ });
  const pushes = collectPushes(server.events$);
  await using envoy = await startEnvoy({ ads: server.address, mode: "delta", node: { id: "tour", cluster: "tour" } });
  return await body({
    server,
    envoy,
    addresses: { red: red.address, green: green.address, blue: blue.address },
    pushes,
    snapshot: () => snapshot,
    emit(next) {
      snapshot = next;
      snapshot$.next(next);
    },
  });
}
