import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { root } from "../examples/program.js";
import { buildTestkit } from "../testkit/lab-support.js";

interface Result {
  readonly p50Us: number;
  readonly p99Us: number;
  readonly connectionsPerSecond: number;
  readonly gbitPerSecond: number;
  readonly went: Went;
}

interface Went {
  readonly opened: number;
  readonly dialed: number;
  readonly redirected: number;
  readonly rules: number;
  readonly hook: number;
}

type Results = Readonly<Record<string, Result>>;

interface Report {
  readonly rounds: number;
  readonly ways: Results;
  readonly waysWhereTracked: Results;
}

describe("the comparison of ways to a backend", () => {
  let report: Report;
  beforeAll(() => {
    buildTestkit();
    execFileSync(`${root}/node_modules/.bin/tsc`, ["-b", "packages/ebpf"], { cwd: root });
    const load = ["--pings", "50", "--connections", "20", "--bursts", "1"];
    const args = [join(root, "bench/redirect/compare.js"), "--rounds", "1", ...load, "--json"];
    const output = execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" });
    report = JSON.parse(output.trim().split("\n").at(-1) ?? "") as Report;
  });

  test.each(["ways", "waysWhereTracked"] as const)("%s: figures of all ways", (part) => {
    const results = report[part];
    expect(report.rounds).toBe(1);
    expect(Object.keys(results)).toEqual(
      expect.arrayContaining(["direct", "explicit", "beside", "iptables", "straight", "connect", "accelerated"]),
    );
    for (const { p50Us, p99Us, connectionsPerSecond, gbitPerSecond } of Object.values(results)) {
      expect(p50Us).toBeGreaterThan(0);
      expect(p99Us).toBeGreaterThanOrEqual(p50Us);
      expect(connectionsPerSecond).toBeGreaterThan(0);
      expect(gbitPerSecond).toBeGreaterThan(0);
    }
  });

  test.each(["ways", "waysWhereTracked"] as const)("%s: each went the way that it is said to", (part) => {
    for (const [name, { went }] of Object.entries(report[part])) {
      const { opened } = went;
      // One for the exchanges, one for the stream.
      expect(opened).toBe(22);
      const hooked = ["straight", "connect", "accelerated"].includes(name);
      const ruled = name.startsWith("iptables");
      const dialed = ["explicit", "beside", "straight"].includes(name);
      expect({ name, ...went }).toMatchObject({
        name,
        dialed: dialed ? opened : 0,
        redirected: dialed || name === "direct" ? 0 : opened,
        hook: hooked ? opened : 0,
      });
      if (ruled) expect(went.rules).toBeGreaterThanOrEqual(opened);
      else expect(went.rules).toBe(0);
    }
  });
});
