import type { Node } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { CallError } from "../calls/call-error.js";
import { inSlices } from "../calls/in-slices.js";
import type { SerialCall } from "../calls/serial-call.js";
import type { ClientNode } from "../status/events.js";
import { parseNode } from "../wire/node.js";
import { WireError } from "../wire/reader.js";
import type { LoadReport, LoadReportOptions } from "./load-report.js";
import { parseClusterStats, parseLoadStatsRequest } from "./request.js";
import { loadStatsResponse } from "./response.js";

/** What a client of load reporting needs of the server. */
export interface LoadHooks {
  /** What is asked for now; undefined: nothing yet. */
  options(): LoadReportOptions | undefined;
  /** Decides about the client and gives its key. @throws CallError when it is turned away. */
  admit(call: SerialCall, node: Node): Promise<string>;
  /** Whether anybody listens to reports. */
  listened(): boolean;
  report(report: LoadReport): void;
}

/** One stream of load reports. */
export class LoadClient {
  #admitted: { readonly node: Node; readonly key: string; readonly named: readonly string[] } | undefined;
  #said: Buffer | undefined;

  constructor(readonly hooks: LoadHooks) {}

  /** Handles a request. @throws CallError */
  async handle(bytes: Buffer, call: SerialCall): Promise<void> {
    try {
      const request = parseLoadStatsRequest(bytes);
      if (this.#admitted === undefined) {
        if (request.node === undefined) throw new WireError("the first request of a stream must carry the node");
        const node = parseNode(request.node);
        const named = request.stats.map((stats) => parseClusterStats(stats).clusterName);
        this.#admitted = { node, key: await this.hooks.admit(call, node), named };
        this.ask(call);
      }
      await this.#report(request.stats, call);
    } catch (error) {
      throw error instanceof WireError ? new CallError("INVALID_ARGUMENT", error.message) : error;
    }
  }

  /** Tells the client what to report, if that is not what it was told last. @throws what the user's function throws. */
  ask(call: SerialCall): void {
    const options = this.hooks.options();
    if (options === undefined || this.#admitted === undefined) return;
    const response = loadStatsResponse(options, this.#admitted.node, this.#admitted.named);
    if (this.#said?.equals(response)) return;
    this.#said = response;
    void call.write(response);
  }

  async #report(stats: readonly Buffer[], call: SerialCall): Promise<void> {
    if (this.#admitted === undefined || stats.length === 0 || !this.hooks.listened()) return;
    const { node, key } = this.#admitted;
    const who = { id: node.id, cluster: node.cluster };
    await inSlices(this.#decode(stats, who, key), () => call.isOver);
  }

  *#decode(stats: readonly Buffer[], node: ClientNode, key: string): Generator<undefined> {
    const at = Date.now();
    for (const bytes of stats) {
      this.hooks.report({ node, key, at, stats: parseClusterStats(bytes) });
      yield undefined;
    }
  }
}
