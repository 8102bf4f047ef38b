import type { Server } from "@grpc/grpc-js";
import { bytesService } from "@rxds/envoy-api/services";
import type { LoadReports } from "../lrs/load-reports.js";
import { bytesCall, type DuplexCall, listen } from "./bytes-call.js";

/** The load reporting service (LRS). */
const LOAD_REPORTING = "envoy.service.load_stats.v3.LoadReportingService";

/** Registers LRS. */
export function addLoadReporting(server: Server, reports: LoadReports): void {
  server.addService(bytesService(LOAD_REPORTING), {
    StreamLoadStats: (call: DuplexCall) => listen(call, reports.open(bytesCall(call))),
  });
}
