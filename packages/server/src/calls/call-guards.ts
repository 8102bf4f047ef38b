import { Deadlines } from "../limits/deadlines.js";
import type { Limits } from "../limits/limits.js";
import { Peers } from "../limits/peers.js";
import { CallError } from "./call-error.js";
import type { SerialCall } from "./serial-call.js";

/** The limits on streams, for those of a service beside xDS: how many of one client, and how long without a request. */
export class CallGuards {
  readonly #peers: Peers;
  readonly #silent: Deadlines<SerialCall>;
  readonly #leave = new Map<SerialCall, () => void>();

  constructor(readonly limits: Pick<Limits, "streamsPerPeer" | "firstRequestMs">) {
    this.#peers = new Peers(limits.streamsPerPeer);
    this.#silent = new Deadlines(limits.firstRequestMs, (call) => {
      call.end(new CallError("DEADLINE_EXCEEDED", `no request within ${limits.firstRequestMs} ms`));
    });
  }

  /** A call was opened; it is ended here when its client has too many. */
  opened(call: SerialCall): void {
    const leave = this.#peers.enter(call.channel);
    if (leave === undefined) {
      const why = `more than ${this.limits.streamsPerPeer} streams of one client`;
      call.end(new CallError("RESOURCE_EXHAUSTED", why));
      return;
    }
    this.#leave.set(call, leave);
    this.#silent.start(call);
  }

  /** A message came. */
  spoke(call: SerialCall): void {
    this.#silent.stop(call);
  }

  closed(call: SerialCall): void {
    this.#silent.stop(call);
    this.#leave.get(call)?.();
    this.#leave.delete(call);
  }

  close(): void {
    this.#silent.close();
  }
}
