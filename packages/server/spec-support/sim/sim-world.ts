import { create } from "@bufbuild/protobuf";
import { NodeSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import type { HitlessOptions } from "../../src/hitless/options.js";
import type { SnapshotSource } from "../../src/source/source.js";
import type { Channel } from "../../src/stream/channel.js";
import { withNonce } from "../../src/wire/response.js";
import { createXdsCore, type XdsCore } from "../../src/xds-core.js";
import { type Clock, installClock } from "../clock.js";
import { createOracle, type Oracle, type OracleOptions } from "./oracle.js";
import type { SimTimes } from "./sim-clusters.js";
import { SimEnvoy } from "./sim-envoy.js";
import {
  readSimResponse,
  type SimProtocol,
  type SimRequest,
  type SimResponse,
  writeSimRequest,
} from "./sim-messages.js";
import type { Timeline } from "./timeline.js";

/** How a server and a simulated Envoy are put together. */
export interface SimWorldOptions extends OracleOptions {
  readonly protocol: SimProtocol;
  readonly snapshots: SnapshotSource;
  readonly times?: Partial<SimTimes>;
  /** How long the next message takes, in ms; messages of one direction do not overtake each other. Default: 0. */
  readonly delay?: () => number;
  /** The server's. Default: as it is by default. */
  readonly hitless?: boolean | HitlessOptions;
  /** Hears of each message as it arrives. */
  readonly heard?: (message: SimRequest | SimResponse) => void;
}

/** The real server and a simulated Envoy, with the same bytes between them as on a network, and the test's own time. */
export interface SimWorld extends Disposable {
  readonly core: XdsCore;
  readonly envoy: SimEnvoy;
  readonly oracle: Oracle;
  readonly clock: Clock;
  /** How many responses of the stream were not answered. */
  readonly unanswered: number;
  /** Opens a stream; the one before is lost. */
  connect(): void;
  /** Loses the stream. */
  disconnect(): void;
  /** Lets time pass, for both. */
  advance(ms: number): void;
}

/** Starts both, not connected. Takes timers over until it is disposed of. */
export function createSimWorld(options: SimWorldOptions): SimWorld {
  const { protocol, delay = () => 0 } = options;
  const clock = installClock();
  const timeline = clockTimeline(clock);
  const core = createXdsCore({
    snapshots: options.snapshots,
    ...(options.hitless !== undefined && { hitless: options.hitless }),
  });
  let send: (bytes: Buffer, request: SimRequest) => void = () => {};
  let leave = () => {};
  let introduced = false;
  const unanswered = new Set<string>();
  const envoy: SimEnvoy = new SimEnvoy({
    protocol,
    timeline,
    times: options.times ?? {},
    changed: () => oracle.look(),
    send(request) {
      send(writeSimRequest(protocol, request, introduced ? undefined : create(NodeSchema, { id: "envoy" })), request);
      introduced = true;
    },
  });
  const oracle = createOracle(envoy, options);

  const receive = (response: SimResponse) => {
    options.heard?.(response);
    envoy.receive(response);
  };

  const disconnect = () => {
    envoy.disconnect();
    unanswered.clear();
    leave();
  };

  const open = () => {
    let over = false;
    const arriving = inLine(timeline, delay);
    const leaving = inLine(timeline, delay);
    const channel: Channel = {
      peer: { address: "memory", certificate: undefined, metadata: new Map() },
      write(body, nonce, done) {
        // Other streams write their nonce behind the same bytes: so they are copied, as a network does.
        unanswered.add(nonce);
        const bytes = Buffer.from(withNonce(body, nonce));
        arriving(() => {
          if (!over) receive(readSimResponse(protocol, bytes));
          done();
        });
      },
      // Requests are few here: none is held back.
      pause: () => {},
      resume: () => {},
      end(code, details) {
        over = true;
        throw new Error(`the server ended the stream: ${code} ${details}`);
      },
    };
    const handler = core.open(channel, protocol, undefined);
    leave = () => {
      over = true;
      handler.over();
    };
    send = (bytes, request) =>
      leaving(() => {
        if (over) return;
        unanswered.delete(request.nonce);
        options.heard?.(request);
        handler.message(bytes);
      });
  };

  return {
    core,
    envoy,
    oracle,
    clock,
    get unanswered() {
      return unanswered.size;
    },
    disconnect,
    connect() {
      disconnect();
      introduced = false;
      open();
      envoy.connect();
    },
    advance(ms) {
      clock.advance(ms);
      oracle.look();
    },
    [Symbol.dispose]() {
      leave();
      core.close();
      clock.advance(1);
      clock[Symbol.dispose]();
    },
  };
}

/** Runs what arrives after its delay, and nothing before what was sent earlier. */
function inLine(timeline: Timeline, delay: () => number): (run: () => void) => void {
  let free = 0;
  return (run) => {
    free = Math.max(free, timeline.now + delay());
    timeline.after(free - timeline.now, run);
  };
}

/** The time of the server's timers. */
function clockTimeline(clock: Clock): Timeline {
  return {
    get now() {
      return performance.now();
    },
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    tick: (ms) => clock.advance(ms),
  };
}
