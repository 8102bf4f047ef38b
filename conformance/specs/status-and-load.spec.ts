import { status } from "@grpc/grpc-js";
import { LoadStatsRequestSchema, LoadStatsResponseSchema } from "@rxds/envoy-api/envoy/service/load_stats/v3/lrs";
import {
  ClientStatusRequestSchema,
  ClientStatusResponseSchema,
  ConfigStatus,
} from "@rxds/envoy-api/envoy/service/status/v3/csds";
import { describe, expect, test } from "vitest";
import { firstResponse, statusOfCall } from "../support/call.js";
import { node } from "../support/streams.js";
import { can } from "../support/target.js";
import { EDS } from "../support/types.js";
import { modes } from "../support/variants.js";
import { startWorld } from "../support/world.js";

const LRS = "/envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats";
const CSDS = "/envoy.service.status.v3.ClientStatusDiscoveryService";
const SENDS_ALL = "envoy.lrs.supports_send_all_clusters";

if (can("lrs")) {
  const ask = (clientFeatures: readonly string[]) =>
    firstResponse(LRS, LoadStatsRequestSchema, LoadStatsResponseSchema, {
      node: { ...node, clientFeatures: [...clientFeatures] },
      clusterStats: [{ clusterName: "a" }],
    });

  test("rule 66: a client is told of which clusters to report, and how often", async () => {
    const response = await ask([]);
    const { seconds = 0n, nanos = 0 } = response.loadReportingInterval ?? {};
    expect(Number(seconds) * 1e9 + nanos).toBeGreaterThan(0);
    // It does not know what all clusters means, so it must not be told that.
    expect([response.sendAllClusters, response.clusters]).toEqual([false, ["a"]]);
  });

  test("rule 66: all clusters may be asked of a client that knows what that means", async () => {
    const response = await ask([SENDS_ALL]);
    expect(response.sendAllClusters || response.clusters.length > 0).toBe(true);
  });
} else {
  test("rule 66: a server that takes no load reports says so", async () => {
    expect((await statusOfCall(LRS)).code).toBe(status.UNIMPLEMENTED);
  });
}

if (can("csds")) {
  /** The status of each resource of the only client, by name. */
  const statusOf = async (): Promise<Record<string, string | undefined>> => {
    const { config } = await firstResponse(
      `${CSDS}/FetchClientStatus`,
      ClientStatusRequestSchema,
      ClientStatusResponseSchema,
      { nodeMatchers: [{ nodeId: { matchPattern: { case: "exact", value: node.id } } }] },
    );
    expect(config.map((client) => client.node?.id)).toEqual([node.id]);
    return Object.fromEntries(
      (config[0]?.genericXdsConfigs ?? [])
        .filter(({ typeUrl }) => typeUrl === EDS.typeUrl)
        .map(({ name, configStatus }) => [name, ConfigStatus[configStatus]]),
    );
  };
  describe.each(modes)("%s over ADS", (mode) => {
    test("rule 67: what was accepted is SYNCED, what is open STALE, what does not exist NOT_SENT", async () => {
      await using world = await startWorld([EDS.build("a")]);
      const client = world.client(EDS, { mode, carrier: "ADS" });
      client.ask(EDS, "a", "ghost");
      const open = await client.next();
      expect(await statusOf()).toMatchObject({ a: "STALE", ghost: "NOT_SENT" });
      open.ack();
      await client.silence();
      expect(await statusOf()).toMatchObject({ a: "SYNCED", ghost: "NOT_SENT" });
    });

    test("rule 67: what was rejected is ERROR", async () => {
      await using world = await startWorld([EDS.build("a")]);
      const client = world.client(EDS, { mode, carrier: "ADS" });
      client.ask(EDS, "a");
      (await client.next()).nack("bad endpoints of a");
      await client.silence();
      expect(await statusOf()).toMatchObject({ a: "ERROR" });
    });
  });

  test("rule 67: every request of a stream is answered", async () => {
    const response = await firstResponse(
      `${CSDS}/StreamClientStatus`,
      ClientStatusRequestSchema,
      ClientStatusResponseSchema,
      { nodeMatchers: [{ nodeId: { matchPattern: { case: "exact", value: "nobody" } } }] },
    );
    expect(response.config).toEqual([]);
  });
} else {
  test("rule 67: a server that tells no client status says so", async () => {
    expect((await statusOfCall(`${CSDS}/StreamClientStatus`)).code).toBe(status.UNIMPLEMENTED);
  });
}
