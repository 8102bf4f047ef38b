import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { typedConfig } from "@rxds/core";
import { type AccessLog, AccessLogSchema } from "@rxds/envoy-api/envoy/config/accesslog/v3/accesslog";
import { FileAccessLogSchema } from "@rxds/envoy-api/envoy/extensions/access_loggers/file/v3/file";
import {
  type Config_TagSchema,
  ConfigSchema as StatsLogSchema,
} from "@rxds/envoy-api/envoy/extensions/access_loggers/stats/v3/stats";
import type { MeshSettings } from "../model/document.js";
import { METADATA } from "./metadata.js";
import { SOURCE } from "./source-filters.js";

/** Who called whom, in Envoy's operators. */
const PARTIES = {
  source_workload: `%FILTER_STATE(${SOURCE.workload}:PLAIN)%`,
  source_service: `%FILTER_STATE(${SOURCE.service}:PLAIN)%`,
  destination_service: `%CLUSTER_METADATA(${METADATA}:service)%`,
  destination_workload: "%UPSTREAM_HOST_NAME%",
};

const HTTP_LINE = {
  start_time: "%START_TIME%",
  ...PARTIES,
  dialed_service: `%METADATA(ROUTE:${METADATA}:service)%`,
  route: "%ROUTE_NAME%",
  source_address: "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%",
  destination_address: "%UPSTREAM_HOST%",
  virtual_address: "%DOWNSTREAM_LOCAL_ADDRESS%",
  method: "%REQ(:METHOD)%",
  authority: "%REQ(:AUTHORITY)%",
  path: "%PATH(NQ)%",
  protocol: "%PROTOCOL%",
  response_code: "%RESPONSE_CODE%",
  response_flags: "%RESPONSE_FLAGS%",
  duration_ms: "%DURATION%",
  bytes_received: "%BYTES_RECEIVED%",
  bytes_sent: "%BYTES_SENT%",
};

const TCP_LINE = {
  start_time: "%START_TIME%",
  ...PARTIES,
  source_address: "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%",
  destination_address: "%UPSTREAM_HOST%",
  virtual_address: "%DOWNSTREAM_LOCAL_ADDRESS%",
  response_flags: "%RESPONSE_FLAGS%",
  duration_ms: "%DURATION%",
  bytes_received: "%BYTES_RECEIVED%",
  bytes_sent: "%BYTES_SENT%",
};

/** What a log is about. */
export type Logged = "http" | "tcp";

/**
 * The access loggers of a listener: statistics `rxds.requests` (HTTP) or `rxds.connections`, `rxds.bytes_received` and
 * `rxds.bytes_sent` (TCP) with the tags source_workload, source_service, destination_workload, destination_service; and lines
 * of JSON in the file that the mesh names.
 */
export function accessLogs(logged: Logged, settings: MeshSettings | undefined): AccessLog[] {
  const path = settings?.spec.accessLog?.path;
  const stats = create(AccessLogSchema, {
    name: "envoy.access_loggers.stats",
    configType: { case: "typedConfig", value: logged === "http" ? HTTP_STATS : TCP_STATS },
  });
  if (path === undefined) return [stats];
  const format = logged === "http" ? HTTP_LINE : TCP_LINE;
  const file = create(AccessLogSchema, {
    name: "envoy.access_loggers.file",
    configType: {
      case: "typedConfig",
      value: typedConfig(FileAccessLogSchema, {
        path,
        accessLogFormat: { case: "logFormat", value: { format: { case: "jsonFormat", value: format } } },
      }),
    },
  });
  return [stats, file];
}

const tags: MessageInitShape<typeof Config_TagSchema>[] = Object.entries(PARTIES).map(([name, valueFormat]) => ({
  name,
  valueFormat,
}));

const HTTP_STATS = typedConfig(StatsLogSchema, {
  statsScope: { prefix: METADATA },
  counters: [
    {
      stat: { name: "requests", tags: [...tags, { name: "response_code", valueFormat: "%RESPONSE_CODE%" }] },
      valueFixed: 1n,
    },
  ],
});

const TCP_STATS = typedConfig(StatsLogSchema, {
  statsScope: { prefix: METADATA },
  counters: [
    { stat: { name: "connections", tags }, valueFixed: 1n },
    { stat: { name: "bytes_received", tags }, valueFormat: "%BYTES_RECEIVED%" },
    { stat: { name: "bytes_sent", tags }, valueFormat: "%BYTES_SENT%" },
  ],
});
