import type { Node } from "@rxds/envoy-api/envoy/config/core/v3/base";
import type { ClusterStats } from "@rxds/envoy-api/envoy/config/endpoint/v3/load_report";
import type { Observable } from "rxjs";
import type { ClientNode } from "../status/events.js";

/** Clusters that a client is to report: those named, or all that it knows. */
export type ReportedClusters = "all" | readonly string[];

/** What clients are asked to report of their load (`envoy.service.load_stats.v3.LoadStatsResponse`). */
export interface LoadReportOptions {
  /** How often, in ms. Default: 10,000. */
  readonly intervalMs?: number;
  /**
   * Which clusters; may depend on the client's node. Default: `"all"`, for clients that know what it means
   * (`envoy.lrs.supports_send_all_clusters` in `client_features`; Envoy and gRPC do). Other clients are then asked for the
   * clusters that they name in their first request.
   */
  readonly clusters?: ReportedClusters | ((node: Node) => ReportedClusters);
  /** Whether each endpoint is reported by itself. Default: false. */
  readonly endpointGranularity?: boolean;
}

/** What a client reported of one cluster. */
export interface LoadReport {
  /** Who reported it. */
  readonly node: ClientNode;
  /** The key that `scope` gave the client. */
  readonly key: string;
  /** When it was received, in ms since the epoch. */
  readonly at: number;
  /** The report, since the one before: requests by locality, drops, the interval that it is of. */
  readonly stats: ClusterStats;
}

/** Load reports of clients. */
export interface LoadReporting {
  /** Every report, one cluster each, from now on. Hot; decoded only while somebody listens. Silent without `loadReports`. */
  readonly loadReports$: Observable<LoadReport>;
}
