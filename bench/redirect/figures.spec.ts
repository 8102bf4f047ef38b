import { expect, test } from "vitest";
import { chartOf } from "./chart.js";
import { cpusIn } from "./cpus.js";
import { resultsOf } from "./figures.js";
import { kindOf, packetsOf } from "./rules.js";
import { linesOf, tableOf } from "./table.js";
import { check } from "./ways.js";

const went = { opened: 12, dialed: 0, redirected: 0, rules: 0, hook: 0 };
const turnOf = (us: number) => ({
  figures: { p50Us: us, p99Us: 2 * us, connectionsPerSecond: 100_000 / us, gbitPerSecond: 300 / us },
  went,
});
const ways = [
  { name: "explicit", label: "the proxy is dialed" },
  { name: "connect", label: "connect hook" },
];
const results = resultsOf({ explicit: [30, 60, 20].map(turnOf), connect: [30, 66, 24].map(turnOf) }, ways);
const report = {
  rounds: 3,
  machine: { kernel: "6.1.0-x", cpus: 2, envoy: "1.2.3" },
  ways: results,
  waysWhereTracked: results,
};

test("figures are medians over rounds, ratios those of the rounds' ratios", () => {
  expect(results.connect).toMatchObject({ label: "connect hook", p50Us: 30, p99Us: 60, gbitPerSecond: 10 });
  // 30/30, 66/60, 24/20.
  expect(results.connect!.toExplicit).toEqual({ p50: 1.1, connectionsPerSecond: 0.91, gbitPerSecond: 0.91 });
  expect(results.explicit!.toExplicit).toEqual({ p50: 1, connectionsPerSecond: 1, gbitPerSecond: 1 });
  expect(results.connect!.went).toEqual({ ...went, opened: 36 });
});

test("what is read from a page is what was put into it, and the picture shows it", () => {
  const lines = linesOf(`<!-- table -->\n${tableOf(report)}\n<!-- /table -->`);
  expect(lines.map(({ tracked, way }) => [tracked, way])).toEqual(
    [false, true].flatMap((tracked) => ways.map(({ label }) => [tracked, label])),
  );
  expect(lines[1]).toEqual({ tracked: false, way: "connect hook", p50: 30, p99: 60, connections: 3333, gbit: 10 });
  const svg = chartOf(lines);
  for (const word of ["connect hook", "30.0", "3333", "10.0"]) expect(svg).toContain(`>${word}</text>`);
  expect(() => linesOf(`<!-- table -->\n${tableOf(report).replace(" 30.0 ", " many ")}\n<!-- /table -->`)).toThrow(
    "many",
  );
});

test("connections that went another way are noticed", () => {
  const by = (change: object) => () =>
    check({ name: "connect", listener: "redirected", by: "hook" }, { ...went, ...change });
  expect(by({ redirected: 12, hook: 12 })).not.toThrow();
  for (const change of [
    {},
    { redirected: 12, hook: 11 },
    { dialed: 12, hook: 12 },
    { redirected: 12, hook: 12, rules: 1 },
    { opened: 0 },
  ]) {
    expect(by(change)).toThrow("connections of connect went another way");
  }
});

test("the packets of rules, and the kind of iptables", () => {
  const rule = "-A PREROUTING -d 10.96.0.10/32 -p tcp -m tcp --dport 80 -c 17 1020 -j REDIRECT --to-ports 15002";
  expect(packetsOf(`-P PREROUTING ACCEPT -c 40 2400\n${rule}\n`)).toBe(17);
  expect(() => packetsOf("-P PREROUTING ACCEPT -c 40 2400\n")).toThrow("expected counted rules");
  expect(["iptables v1.8.9 (nf_tables)", "iptables v1.8.9 (legacy)", "iptables v1.6.1"].map(kindOf)).toEqual([
    "nft",
    "legacy",
    "legacy",
  ]);
});

test("lists of CPUs", () => {
  expect(cpusIn("0-2,5")).toEqual([0, 1, 2, 5]);
  expect(() => cpusIn("")).not.toThrow();
  expect(() => cpusIn("all")).toThrow('not "all"');
});
