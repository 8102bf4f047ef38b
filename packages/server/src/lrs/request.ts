import { fromBinary } from "@bufbuild/protobuf";
import { type ClusterStats, ClusterStatsSchema } from "@rxds/envoy-api/envoy/config/endpoint/v3/load_report";
import { type Reader, readBytes, readVarint, skipField, WireError } from "../wire/reader.js";

/** `envoy.service.load_stats.v3.LoadStatsRequest`, taken apart but not decoded. */
export interface LoadStatsRequest {
  /** The encoded Node; clients repeat theirs. */
  readonly node: Buffer | undefined;
  /** Encoded ClusterStats. */
  readonly stats: readonly Buffer[];
}

/** node = 1, cluster_stats = 2. @throws WireError */
export function parseLoadStatsRequest(bytes: Buffer): LoadStatsRequest {
  const stats: Buffer[] = [];
  let node: Buffer | undefined;
  const reader: Reader = { bytes, at: 0, end: bytes.length };
  while (reader.at < reader.end) {
    const tag = readVarint(reader);
    if (tag === 10) node = readBytes(reader);
    else if (tag === 18) stats.push(readBytes(reader));
    else skipField(reader, tag & 7);
  }
  return { node, stats };
}

/** Decodes one report. @throws WireError */
export function parseClusterStats(bytes: Buffer): ClusterStats {
  try {
    return fromBinary(ClusterStatsSchema, bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new WireError(`cluster_stats is no envoy.config.endpoint.v3.ClusterStats: ${why}`);
  }
}
