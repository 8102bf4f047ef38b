import type { Server } from "@grpc/grpc-js";
import { limitsOf } from "../limits/limits.js";
import type { LoadReports } from "../lrs/load-reports.js";
import type { XdsCore } from "../xds-core.js";
import type { XdsOptions } from "../xds-options.js";
import { addClientStatus } from "./client-status.js";
import { addLoadReporting } from "./load-reporting.js";

/** Registers what is offered beside discovery, as the options say. Returns what ends it all. */
export function addFurtherServices(
  server: Server,
  core: XdsCore,
  loads: LoadReports,
  { clientStatus, loadReports, limits, logger }: Pick<XdsOptions, "clientStatus" | "loadReports" | "limits" | "logger">,
): () => void {
  const closing = [() => loads.close()];
  const warn = (why: string) => logger?.warn(`client status: ${why}`);
  if (clientStatus) closing.push(addClientStatus(server, core, limitsOf(limits), warn));
  if (loadReports !== undefined) addLoadReporting(server, loads);
  return () => {
    for (const close of closing) close();
  };
}
