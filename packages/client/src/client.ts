import type { DescMessage } from "@bufbuild/protobuf";
import type { Observable } from "rxjs";
import { createBackoff } from "./backoff.js";
import { deliver } from "./confirm.js";
import { createConnection } from "./connection.js";
import { XdsClientError } from "./error.js";
import type { XdsClientEvent } from "./events.js";
import { createExpiryTimer } from "./expiry-timer.js";
import { broadcast, type Hub, takeRequest } from "./hub.js";
import { judgeWith } from "./judge.js";
import { resolveOptions, type XdsClientOptions } from "./options.js";
import { backlogOf } from "./protocol/answers.js";
import { decodeResponse, encodeRequest } from "./protocol/codec.js";
import { streamLost } from "./protocol/next-request.js";
import { receive } from "./protocol/receive.js";
import { createSubStream, heldBy } from "./protocol/sub-stream.js";
import type { XdsResource } from "./resource.js";
import type { ConnectionStatus } from "./status.js";
import { createSubscription, type SubscribeOptions, type XdsSubscription } from "./subscription.js";
import { createGrpcTransport } from "./transport/grpc-transport.js";
import { createWaiters, type WaitOptions } from "./waiters.js";

/** A client that follows one server over delta ADS, and connects again whenever the stream ends. */
export interface XdsClient {
  /** How the client stands with its server now. */
  readonly status: ConnectionStatus;
  /** The same, with every change. The present status comes first. Completes when the client is closed. */
  readonly status$: Observable<ConnectionStatus>;
  /**
   * Follows resources of a type. All subscriptions of one type share one sub-stream: a name that several of them want is
   * asked for once, and given up with the last.
   *
   * @param type a type URL, or the schema of the resources' message. With a schema each resource of the type is decoded
   * when it comes, and a response with one that cannot be is refused.
   * @param names resource names; `"*"` for everything that the server has for this client; both can be combined. Names
   * are opaque: a glob collection of `xdstp:` is not matched with its members. May be empty: see `add`.
   * @param options `confirm`: acknowledges what comes only when it is in force.
   * @throws XdsClientError `closed` or `invalid-argument`.
   */
  subscribe(type: string | DescMessage, names: string | readonly string[], options?: SubscribeOptions): XdsSubscription;
  /**
   * Resolves with a resource once the client holds it, in this version if one is given. It is held when the response that
   * brought it has been accepted. Does not subscribe.
   *
   * @throws XdsClientError (by rejection) `timeout`, `aborted` or `closed`.
   */
  holds(type: string | DescMessage, name: string, version?: string, options?: WaitOptions): Promise<XdsResource>;
  /**
   * Sends what is pending, ends the stream and waits for the server to end it too, at most for a second. Subscriptions
   * keep what they hold; their observables complete, and whoever waits is rejected.
   */
  close(): Promise<void>;
}

/**
 * Creates a client and lets it connect. It keeps the process alive until it is closed.
 *
 * @throws XdsClientError `insecure` for an address off loopback without credentials, `invalid-argument`.
 */
export function createXdsClient(options: XdsClientOptions): XdsClient {
  const { node, nodeOnFirstMessageOnly, limits, ...resolved } = resolveOptions(options);
  const hubs = new Map<string, Hub>();
  const waiters = createWaiters();
  let nodeTold = false;
  let closed = false;

  const connection = createConnection({
    transport: createGrpcTransport(resolved),
    backoff: createBackoff(resolved.reconnect),
    connectTimeoutMs: resolved.connectTimeoutMs,
    opened() {
      nodeTold = false;
    },
    next() {
      const request = takeRequest(hubs);
      if (request === undefined) return undefined;
      const bytes = encodeRequest(request, nodeTold && nodeOnFirstMessageOnly ? undefined : node);
      nodeTold = true;
      return bytes;
    },
    receive: receiveBytes,
    backlog() {
      let count = 0;
      for (const { sub } of hubs.values()) count += backlogOf(sub.stream?.answers ?? []);
      return count;
    },
    lost() {
      for (const [typeUrl, hub] of hubs) {
        streamLost(hub.sub);
        if (hub.members.size > 0) continue;
        hub.expiry.stop();
        hubs.delete(typeUrl);
      }
    },
  });
  connection.status$.subscribe((status) => log({ kind: "status", status }));

  function receiveBytes(bytes: Uint8Array): void {
    const response = decodeResponse(bytes);
    const { typeUrl, nonce } = response;
    const hub = hubs.get(typeUrl);
    const outcome =
      hub === undefined
        ? { kind: "ignored" as const }
        : receive(hub.sub, response, judgeWith(hub.schema, options.accept), performance.now());
    if (hub === undefined || outcome.kind === "ignored") {
      log({ kind: "ignored", typeUrl, nonce });
      return;
    }
    connection.wake();
    if (outcome.kind === "refused") {
      log({ kind: "refused", typeUrl, nonce, reasons: outcome.reasons });
      return;
    }
    const { upserts, removals, missing } = outcome.change;
    log({
      kind: "accepted",
      typeUrl,
      nonce,
      upserts: upserts.length,
      removals: removals.length,
      missing: missing.length,
    });
    hub.expiry.arm();
    deliver(hub, outcome.change, nonce, {
      refused: (reason) => log({ kind: "refused", typeUrl, nonce, reasons: [reason] }),
      settled: connection.wake,
    });
    waiters.poll();
  }

  function createHub(typeUrl: string): Hub {
    const sub = createSubStream(typeUrl, limits);
    const expiry = createExpiryTimer(sub, (names) => {
      log({ kind: "expired", typeUrl, names });
      broadcast(hub, { upserts: [], removals: names, missing: [], errors: [] });
    });
    const hub: Hub = { sub, expiry, counts: new Map(), members: new Set(), schema: undefined };
    hubs.set(typeUrl, hub);
    return hub;
  }

  function log(event: XdsClientEvent): void {
    try {
      options.logger?.(event);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  function describeStatus(): string {
    const { state, error } = connection.status();
    return `the state of the connection is ${state}${error === undefined ? "" : ` (${error.message})`}`;
  }

  const closedError = (): XdsClientError => new XdsClientError("closed", "the xDS client is closed");

  return {
    get status() {
      return connection.status();
    },
    status$: connection.status$,
    subscribe(type, names, { confirm } = {}) {
      if (closed) throw closedError();
      const typeUrl = typeUrlOf(type);
      if ([names].flat().includes("") || typeUrl === "") {
        throw new XdsClientError("invalid-argument", "a type URL or a resource name must not be empty", {
          argument: typeUrl === "" ? "type" : "names",
        });
      }
      const hub = hubs.get(typeUrl) ?? createHub(typeUrl);
      if (typeof type !== "string") hub.schema = type;
      const subscription = createSubscription({ hub, waiters, confirm, wake: connection.wake, describeStatus });
      subscription.add(names);
      return subscription;
    },
    async holds(type, name, version, waitOptions) {
      if (closed) throw closedError();
      const typeUrl = typeUrlOf(type);
      const held = (): XdsResource[] => {
        const hub = hubs.get(typeUrl);
        return hub === undefined ? [] : heldBy(hub.sub, name);
      };
      return waiters.wait(
        {
          check: () => held().find((resource) => version === undefined || resource.version === version),
          describe: () => {
            const wanted = version === undefined ? "" : ` in version ${JSON.stringify(version)}`;
            const versions = held().map((resource) => JSON.stringify(resource.version));
            const state = versions.length === 0 ? "is not held" : `is held in version ${versions.join(", ")}`;
            return `${JSON.stringify(name)} of ${typeUrl}${wanted} was awaited; it ${state}; ${describeStatus()}`;
          },
          details: { typeUrl, name },
        },
        waitOptions,
      );
    },
    async close() {
      closed = true;
      const closing = connection.close();
      for (const { expiry } of hubs.values()) expiry.stop();
      waiters.end(closedError());
      for (const { members } of hubs.values()) for (const member of [...members]) member.end();
      await closing;
    },
  };
}

const typeUrlOf = (type: string | DescMessage): string =>
  typeof type === "string" ? type : `type.googleapis.com/${type.typeName}`;
