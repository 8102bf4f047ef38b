import { create, toBinary } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Node } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { LoadStatsResponseSchema } from "@rxds/envoy-api/envoy/service/load_stats/v3/lrs";
import type { LoadReportOptions } from "./load-report.js";

/** The client feature without which `send_all_clusters` means nothing (rule 66 of docs/protocol.md). */
const SENDS_ALL = "envoy.lrs.supports_send_all_clusters";

/** The default of `LoadReportOptions.intervalMs`. */
const INTERVAL_MS = 10_000;

/** What a client is asked to report, encoded. `named`: the clusters in its first request. */
export function loadStatsResponse(options: LoadReportOptions, node: Node, named: readonly string[]): Buffer {
  const { clusters = "all", intervalMs = INTERVAL_MS, endpointGranularity = false } = options;
  const wanted = typeof clusters === "function" ? clusters(node) : clusters;
  const sendAllClusters = wanted === "all" && node.clientFeatures.includes(SENDS_ALL);
  const listed = wanted === "all" ? named : wanted;
  const response = create(LoadStatsResponseSchema, {
    sendAllClusters,
    clusters: sendAllClusters ? [] : [...listed],
    loadReportingInterval: durationFromMs(intervalMs),
    reportEndpointGranularity: endpointGranularity,
  });
  return Buffer.from(toBinary(LoadStatsResponseSchema, response));
}

/** @throws RangeError when an interval is none. */
export function checkLoadReportOptions({ intervalMs = INTERVAL_MS }: LoadReportOptions): void {
  if (Number.isSafeInteger(intervalMs) && intervalMs > 0) return;
  throw new RangeError(`loadReports.intervalMs: expected a whole number of milliseconds above 0, got ${intervalMs}`);
}
