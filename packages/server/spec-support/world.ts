import type { Scope, Snapshot } from "@rxds/core";
import type { ClientStatus } from "../src/status/client-status.js";
import type { Kind } from "./samples.js";
import type { Wire, WireListener } from "./surroundings.js";
import type { XdsTestClient } from "./test-client.js";

/** Where a history takes place: a server, its transport, and its time. */
export interface World {
  readonly exact: boolean;
  open(client: XdsTestClient, kind: Kind | undefined, listener: WireListener): Wire;
  /** The client stops reading, or reads on. */
  stall(client: XdsTestClient): void;
  read(client: XdsTestClient): void;
  /** Lets some turns of the event loop happen, or some time pass. */
  turns(count: number): void | Promise<void>;
  wait(ms: number): void | Promise<void>;
  /** Waits until the server has heard what the clients have said. */
  heard(): void | Promise<void>;
  /** Waits until the server has nothing more to say to anybody. */
  rest(clients: readonly XdsTestClient[]): void | Promise<void>;
  statuses(): readonly ClientStatus[];
  close(): void | Promise<void>;
}

/** The configuration's way into the server. */
export interface Inlet {
  publish(snapshot: Snapshot): void;
  /** A snapshot that is to be refused; may throw InvalidSnapshotError. A later subscriber does not hear of it. */
  publishInvalid(snapshot: Snapshot): void;
  scope(key: string, scope: Scope): void;
}

/** A history went wrong. */
export class HistoryError extends Error {
  override readonly name = "HistoryError";
}
