import type { CheckOptions } from "@rxds/core";
import type { Node } from "@rxds/envoy-api/envoy/config/core/v3/base";
import type { Observable } from "rxjs";
import type { HitlessOptions } from "./hitless/options.js";
import type { LoadReportOptions } from "./lrs/load-report.js";
import type { Debounce } from "./source/debounce.js";
import type { MassDeletionGuard } from "./source/mass-deletion.js";
import type { SnapshotSource } from "./source/source.js";
import type { Peer, StatusCode } from "./stream/channel.js";

/** Where log lines go. Any common logger fits. */
export interface Logger {
  /** What happens in the normal course. */
  info(message: string): void;
  /** What a person should look at. */
  warn(message: string): void;
}

/** What a control plane serves, to whom. */
export interface XdsOptions {
  /**
   * What is served: one source for everybody, or a source for each key that `scope` gives. Called once a key; its source
   * is dropped when the key had no stream for `lingerMs`. One source for everybody is kept until the server closes.
   */
  readonly snapshots: SnapshotSource | ((key: string) => SnapshotSource);
  /**
   * Which key a client is shown; clients of equal keys share everything. Called once a stream, with the client's node (its
   * list of extensions left out) and what the transport knows of it. May be asynchronous. Throw a
   * {@link ClientRefusedError} to turn a client away. Default: the same key, `""`, for everybody.
   */
  readonly scope?: (node: Node, peer: Peer) => string | Promise<string>;
  /**
   * How snapshots are checked before they come into force. Names that only views have, of their own, belong into `external`: what is
   * shared is checked without them.
   */
  readonly checks?: CheckOptions;
  /**
   * Merges the snapshots of a burst: the newest is taken when the source was quiet for `quietMs`, or `maxMs` after the
   * first of the burst. A source's first snapshot is never delayed. For Observables: a store's commits are in force when they
   * are made, so a store as `snapshots` throws an {@link XdsOptionError}, and stores given for keys are served
   * without delay. Also for what views have of their own. Default: none.
   */
  readonly debounce?: Debounce;
  /**
   * Holds back a snapshot that removes more than that share of a type's resources, against a source that has lost its data:
   * the last good one stays in force until a snapshot comes that removes less, or `release(version)` is called. A source's
   * first snapshot is never held, and neither is what views have of their own. For Observables, as `debounce`. Default: none.
   */
  readonly massDeletion?: MassDeletionGuard;
  /** How long a key's state outlives its last stream, in ms. Default: 60,000. */
  readonly lingerMs?: number;
  /** What a client may grow. */
  readonly limits?: XdsLimits;
  /**
   * State of the world: whether a client that asks for a name that does not exist is told so, once, in `resource_errors`
   * (NOT_FOUND; gRFC A88), instead of finding out by waiting. Clients that do not know that field ignore it. Delta clients are
   * always told, by `removed_resources`. Default: false.
   */
  readonly resourceErrors?: boolean;
  /**
   * Whether changes are brought to clients so that no request is lost that both configurations route: routes wait until the
   * client has accepted the new clusters that they name, and clusters stay until nothing leads to them any more. In force for
   * aggregated streams that see all clusters of their view, as those of Envoys do; false: everything is pushed at once, in plain
   * order. Default: true.
   */
  readonly hitless?: boolean | HitlessOptions;
  /**
   * Whether a client is sent the virtual hosts that it asked for again when their route configuration has changed: by the
   * protocol (VHDS) the change clears them. Envoy 1.40 keeps them, and does not mind. Default: true.
   */
  readonly resendVirtualHosts?: boolean;
  /**
   * Whether others may ask what each client was sent, accepted and rejected, by the client status discovery service (CSDS).
   * Everybody who can connect may then see the configuration of all keys, without secrets. Default: only where `serveXds`
   * listens on a loopback address or a Unix socket without credentials; `xdsServices` does not know, so: false.
   */
  readonly clientStatus?: boolean;
  /**
   * Asks clients for load reports (LRS), which come out at `loadReports$`. An Observable changes what is asked for while the
   * clients are connected; before it emits nothing is asked. `scope` decides about these clients too. Default: the service is
   * not offered.
   */
  readonly loadReports?: LoadReportOptions | Observable<LoadReportOptions>;
  /** Gets a line for every event: warnings for what needs a person, info for the rest. Default: none. */
  readonly logger?: Logger;
}

/** What a client may grow. `Infinity`: no limit. A value that is no limit throws an {@link XdsOptionError}. */
export interface XdsLimits {
  /** The most names of one type that a stream may ask for. Default: 100,000. */
  readonly names?: number;
  /** The largest request, in bytes. Envoy's requests after a reconnect list all that it holds. Default: 64 MiB. */
  readonly requestBytes?: number;
  /**
   * The largest delta response, in bytes: what is more goes in further responses. A single resource may be larger. gRPC clients
   * take 4 MiB if they are not told otherwise. Default: 4,000,000.
   */
  readonly responseBytes?: number;
  /** The most streams on one connection. Default: 1,000. */
  readonly streamsPerConnection?: number;
  /**
   * The most streams at once of one client, known by its verified certificate's names or else by its IP address; further ones end
   * with RESOURCE_EXHAUSTED. Many proxies may share an address or a certificate, and an Envoy without ADS opens a stream for
   * each resource. Streams over Unix sockets are not counted. Default: 10,000.
   */
  readonly streamsPerPeer?: number;
  /** How long a stream may be open without a request, in ms; then it ends with DEADLINE_EXCEEDED. Default: 30,000. */
  readonly firstRequestMs?: number;
  /** How long `scope` may take, in ms. Default: 10,000. */
  readonly scopeMs?: number;
  /**
   * The most bytes of initial pushes that are unfinished at once, over all streams: handed to the transport, and not passed on
   * to a client that has not accepted anything of that type yet. Further initial pushes wait, first come first served, so
   * that a fleet that reconnects does not multiply the configuration in memory. Default: 64 MiB.
   */
  readonly initialBytes?: number;
  /**
   * How long a client may take to read the next of the responses that wait for it, in ms; then its stream is cut off. A
   * quarter of it while initial pushes of others wait for what it does not read. Default: 120,000.
   */
  readonly stalledMs?: number;
  /**
   * The age of connections, in ms: a client is told to open the next one before, and after it (up to a fifth later, by
   * chance) the streams end with UNAVAILABLE; it reconnects, and is not sent again what it holds. Spreads clients over servers
   * behind a balancer, and makes them show new certificates. Default: none.
   */
  readonly connectionAgeMs?: number;
}

/** Turns a client away: thrown by `scope`. */
export class ClientRefusedError extends Error {
  override readonly name = "ClientRefusedError";
  constructor(
    /** What the client is told. */
    message: string,
    /** The gRPC status of its stream. Default: PERMISSION_DENIED. */
    readonly code: StatusCode = "PERMISSION_DENIED",
  ) {
    super(message);
  }
}
