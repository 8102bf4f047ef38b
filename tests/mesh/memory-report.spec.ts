import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../examples/program.js";
import { buildTestkit } from "../testkit/lab-support.js";

interface Report {
  readonly pods: number;
  readonly rows: readonly { readonly services: number; readonly results: Results }[];
}

type Results = Readonly<Record<string, Figures>>;

interface Figures {
  readonly proxies: number;
  readonly clusters: number;
  readonly pss: number;
  readonly files: number;
  readonly rss: number;
  readonly allocated: number;
}

test("the memory report measures real Envoys: scopes gain, and so does one Envoy for all", () => {
  buildTestkit();
  execFileSync(`${root}/node_modules/.bin/tsc`, ["-b", "packages/mesh", "packages/rxds"], { cwd: root });
  const args = [join(root, "bench/memory/main.js"), "--quick", "--json"];
  const output = execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  const { pods, rows } = JSON.parse(output.trim().split("\n").at(-1) ?? "") as Report;
  expect(rows.map(({ services }) => services)).toEqual([10, 100]);
  const [few, many] = rows.map(({ results }) => results) as [Results, Results];
  const sidecars = many["sidecars, unscoped"]!;
  const scoped = many["sidecars, scoped"]!;
  const node = many["node, unscoped"]!;
  const scopedNode = many["node, scoped"]!;
  expect([sidecars, scoped, node, scopedNode].map(({ proxies }) => proxies)).toEqual([pods, pods, 1, 1]);

  // They have what they are said to have: all services, or the ten of the scope; and a few clusters that are of no service.
  expect(sidecars.clusters).toBeGreaterThanOrEqual(100 * pods);
  expect(scoped.clusters).toBeGreaterThanOrEqual(10 * pods);
  expect(scoped.clusters).toBeLessThan(20 * pods);
  expect(node.clusters).toBeGreaterThanOrEqual(100);
  expect(scopedNode.clusters).toBeLessThan(20);

  // A hundred services are more than ten, and three Envoys' are more than one's.
  expect(scoped.allocated).toBeLessThan(sidecars.allocated * 0.6);
  expect(node.allocated).toBeLessThan(sidecars.allocated * 0.5);
  expect(scoped.pss).toBeLessThan(sidecars.pss);
  expect(node.pss).toBeLessThan(sidecars.pss);
  expect(scopedNode.pss).toBeLessThan(node.pss);
  expect(few["sidecars, unscoped"]!.pss).toBeLessThan(sidecars.pss);
  for (const { files, pss, rss } of rows.flatMap(({ results }) => Object.values(results))) {
    expect(files).toBeLessThan(pss);
    expect(pss).toBeLessThanOrEqual(rss);
  }
  expect(output).toMatch(/^\| 100 \| sidecars, unscoped \| 3 \| \d+ \| 1\.00 \|/m);
});
