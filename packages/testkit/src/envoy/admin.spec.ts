import { expect, test } from "vitest";
import { parseStats } from "./admin.js";

test("counters and gauges are read; text and histograms are left out", () => {
  const text = [
    "cluster_manager.active_clusters: 3",
    "listener.[__1]_80.http.x: 9007199254740991",
    'control_plane.identifier: "one: 1"',
    "http.x.downstream_rq_time: P0(nan,1) P25(nan,1.05)",
    "cluster.x.upstream_cx_length_ms: No recorded values",
    "",
  ].join("\n");
  expect([...parseStats(text)]).toEqual([
    ["cluster_manager.active_clusters", 3],
    ["listener.[__1]_80.http.x", 9007199254740991],
  ]);
});
