import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../examples/program.js";
import { buildTestkit } from "../testkit/lab-support.js";

interface Report {
  readonly pods: number;
  readonly rows: readonly { readonly services: number; readonly results: Readonly<Record<string, Figures>> }[];
}

interface Figures {
  readonly proxies: number;
  readonly pss: number;
  readonly allocated: number;
}

test("the memory report measures real Envoys: scopes gain, and so does one Envoy for all", () => {
  buildTestkit();
  execFileSync(`${root}/node_modules/.bin/tsc`, ["-b", "packages/mesh", "packages/rxds"], { cwd: root });
  const args = [join(root, "bench/memory/main.js"), "--quick", "--json"];
  const output = execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  const { pods, rows } = JSON.parse(output.trim().split("\n").at(-1) ?? "") as Report;
  const figures = (name: string) => rows[0]!.results[name]!;
  const sidecars = figures("sidecars, unscoped");
  const scoped = figures("sidecars, scoped");
  const node = figures("node, unscoped");
  expect([sidecars.proxies, scoped.proxies, node.proxies]).toEqual([pods, pods, 1]);
  // A hundred services are more than ten, and three Envoys' are more than one's.
  expect(scoped.allocated).toBeLessThan(sidecars.allocated * 0.6);
  expect(node.allocated).toBeLessThan(sidecars.allocated * 0.5);
  expect(scoped.pss).toBeLessThan(sidecars.pss);
  expect(node.pss).toBeLessThan(sidecars.pss);
  expect(output).toMatch(/^\| 100 \| \d+ MB \(3 × /m);
});
