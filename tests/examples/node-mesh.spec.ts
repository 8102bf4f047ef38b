import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RedirectPlan } from "@rxds/mesh";
import { eventually, startEnvoy } from "@rxds/testkit";
import { beforeAll, expect, test } from "vitest";
import { meshLab } from "./mesh-lab.js";
import { build, startProgram } from "./program.js";

beforeAll(() => build("examples/node-mesh", "packages/testkit"));

test("one Envoy on a node carries its workloads' connections, and follows the folder", async () => {
  await using lab = await meshLab("node-mesh");
  await using program = startProgram(["examples/node-mesh/dist/main.js", lab.mesh, lab.ads, "node-a"]);
  await program.until(/^serving /m);
  const node = lab.nodes["node-a"];
  await using _envoy = await startEnvoy({ netns: node.netns, ...(await lab.envoy("node~node-a")) });

  const [line] = await program.until(/^\{.*\}$/m);
  const plan = JSON.parse(line) as RedirectPlan;
  expect(plan.groups.map(({ proxy, workloads }) => [proxy, workloads.map(({ name }) => name)])).toEqual([
    ["node~node-a", ["shop/web"]],
  ]);
  const [{ workloads, entries } = { workloads: [], entries: [] }] = plan.groups;
  await node.redirect(entries.map((entry) => ({ ...entry, from: workloads.flatMap(({ addresses }) => addresses) })));
  program.write(`${plan.node} ${plan.generation}\n`);

  const web = await lab.pods.web.agent();
  const ask = async (path: string, headers = {}) => {
    const answer = await web.http({ url: `http://10.96.0.10${path}`, headers });
    return answer.error ?? `${answer.status} ${answer.headers["x-upstream"] ?? "-"}`;
  };
  expect(await ask("/")).toBe("200 orders");
  expect(await ask("/", { "x-next": "yes" })).toBe("200 orders-next");
  expect(await ask("/admin")).toBe("403 -");

  const file = join(lab.mesh, "rules.yaml");
  const rules = await readFile(file, "utf8");
  await writeFile(file, rules.replace("- retries:", "- backends: [{ service: orders-next }]\n      retries:"));
  await eventually(async () => expect(await ask("/")).toBe("200 orders-next"));
  // What is wrong is told, and changes nothing.
  await writeFile(file, rules.replace("timeout: 3s", "timeout: soon"));
  await program.until(/rules\.yaml.*timeout.*duration/);
  expect(await ask("/")).toBe("200 orders-next");
});
