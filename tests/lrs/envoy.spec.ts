import { fromJson } from "@bufbuild/protobuf";
import { type Bootstrap, BootstrapSchema } from "@rxds/envoy-api/envoy/config/bootstrap/v3/bootstrap";
import type { UpstreamLocalityStats } from "@rxds/envoy-api/envoy/config/endpoint/v3/load_report";
import { eventually, httpGet, upstream, withEnvoy } from "@rxds/testkit";
import {
  createSnapshot,
  edsCluster,
  endpoints,
  httpListener,
  type LoadReport,
  type LoadReportOptions,
  routes,
  serveXds,
} from "rxds";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { codeBlocks } from "../docs/markdown.js";

const REQUESTS = 57;

/** Where Envoy sends its load reports: as docs/guides/status-and-load.md says. */
const [block] = codeBlocks("docs/guides/status-and-load.md").filter(({ language }) => language === "yaml");
const { clusterManager } = fromJson(BootstrapSchema, parse(block?.code ?? ""));

type Counter = "totalSuccessfulRequests" | "totalErrorRequests" | "totalIssuedRequests";

const localities = (reports: readonly LoadReport[], cluster: string): UpstreamLocalityStats[] =>
  reports.flatMap(({ stats }) => (stats.clusterName === cluster ? stats.upstreamLocalityStats : []));

const sum = (stats: readonly UpstreamLocalityStats[], counter: Counter): number =>
  stats.reduce((total, one) => total + Number(one[counter]), 0);

const cases: [string, LoadReportOptions][] = [
  ["all clusters", { intervalMs: 100 }],
  ["named clusters, each endpoint by itself", { intervalMs: 100, clusters: ["web"], endpointGranularity: true }],
];

test.each(cases)("an Envoy reports exactly the requests that it sent: %s", async (_, loadReports) => {
  await using web = await upstream();
  const snapshot = createSnapshot([
    edsCluster({ name: "web" }),
    endpoints("web", [{ endpoints: [web.address], locality: { region: "r", zone: "z" } }]),
    httpListener({ name: "in", address: "127.0.0.1", port: 0, routeConfig: "main" }),
    routes("main", { "/": "web" }),
  ]);
  await using server = await serveXds({
    address: "127.0.0.1:0",
    snapshots: () => snapshot,
    scope: () => "edge",
    loadReports,
  });
  const reports: LoadReport[] = [];
  server.loadReports$.subscribe((report) => reports.push(report));
  const options = {
    ads: server.address,
    node: { id: "n1", cluster: "c1" },
    bootstrap: (bootstrap: Bootstrap) => {
      if (clusterManager !== undefined) bootstrap.clusterManager = clusterManager;
    },
  };
  await withEnvoy(options, async (envoy) => {
    await envoy.ready();
    const ofWeb = () => reports.filter(({ stats }) => stats.clusterName === "web");
    // From its first report on a cluster is counted.
    await eventually(() => expect(ofWeb().length).toBeGreaterThan(0));
    const address = await envoy.listenerAddress("in");
    for (let n = 0; n < REQUESTS; n++) expect((await httpGet(`http://${address}/`)).status).toBe(200);
    await eventually(() => expect(sum(localities(reports, "web"), "totalSuccessfulRequests")).toBe(REQUESTS));
    const mark = ofWeb().length;
    await eventually(() => expect(ofWeb().length).toBeGreaterThan(mark + 1));
    const stats = localities(reports, "web");
    expect(sum(stats, "totalSuccessfulRequests")).toBe(REQUESTS);
    expect(sum(stats, "totalIssuedRequests")).toBe(REQUESTS);
    expect(sum(stats, "totalErrorRequests")).toBe(0);
    expect(stats.find(({ totalIssuedRequests }) => totalIssuedRequests > 0n)?.locality).toMatchObject({ zone: "z" });
    const single = stats.flatMap(({ upstreamEndpointStats }) => upstreamEndpointStats);
    const counted = single.reduce((total, one) => total + Number(one.totalSuccessfulRequests), 0);
    expect(counted).toBe(loadReports.endpointGranularity ? REQUESTS : 0);
    const others = new Set(reports.map((report) => report.stats.clusterName));
    expect([...others].sort()).toEqual(loadReports.clusters === undefined ? ["web", "xds"] : ["web"]);
    expect(ofWeb()[0]).toMatchObject({ node: { id: "n1", cluster: "c1" }, key: "edge" });
  });
});
