import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually, type LabPod, startEnvoy } from "@rxds/testkit";
import { beforeAll, expect, test } from "vitest";
import { meshLab } from "./mesh-lab.js";
import { build, startProgram } from "./program.js";

/** A workload that has nothing to dial, on a node of its own, and no Envoy yet. */
const ALONE = `
apiVersion: rxds.dev/v1alpha1
kind: Node
metadata: { name: node-c }
spec: { addresses: [10.244.3.1] }
---
apiVersion: rxds.dev/v1alpha1
kind: Workload
metadata: { name: alone, namespace: ops }
spec: { node: node-c, addresses: [10.244.3.10] }
`;

beforeAll(() => build("examples/sidecar-mesh", "packages/testkit"));

test("an Envoy beside each workload carries its connections and what comes in, and follows the folder", async () => {
  await using lab = await meshLab("sidecar-mesh");
  const [settings, rules] = [join(lab.mesh, "mesh.yaml"), join(lab.mesh, "rules.yaml")];
  // Without rules at first, and with somebody who sees nothing then.
  await rename(rules, join(lab.mesh, ".rules.yaml"));
  await writeFile(join(lab.mesh, "alone.yaml"), ALONE);
  await writeFile(settings, (await readFile(settings, "utf8")).replace("[shop]", "[shop, ops]"));
  const nodes = ["node-a", "node-b", "node-c"];
  await using program = startProgram(["examples/sidecar-mesh/dist/main.js", lab.mesh, lab.ads, ...nodes]);
  await program.until(/^serving /m);
  const { web, orders, "orders-next": next } = lab.pods;
  const start = async (pod: LabPod) =>
    startEnvoy({ netns: pod.netns, ...(await lab.envoy(`sidecar~shop/${pod.name}`)) });
  await using _web = await start(web);
  await using _orders = await start(orders);
  await using _next = await start(next);

  for (const pod of [web, orders, next]) {
    const [line] = await program.until(new RegExp(`^\\{"workload":"shop/${pod.name}".*\\}$`, "m"));
    const file = join(lab.mesh, "..", `${pod.name}.rules`);
    await writeFile(file, (JSON.parse(line) as { rules: string }).rules);
    expect(await pod.run("iptables-restore", ["--noflush", file])).toMatchObject({ code: 0, stderr: "" });
  }

  expect(program.output(), "nothing goes to an Envoy that is not there").not.toContain("ops/alone");

  const agent = await web.agent();
  const ask = async (url: string, headers = {}) => {
    const answer = await agent.http({ url, headers });
    return answer.error ?? `${answer.status} ${answer.headers["x-upstream"] ?? "-"}`;
  };
  expect(await ask("http://10.96.0.10/", { "x-next": "yes" })).toBe("200 orders");
  expect(await ask("http://10.96.0.10/admin")).toBe("200 orders");

  await rename(join(lab.mesh, ".rules.yaml"), rules);
  await eventually(async () => expect(await ask("http://10.96.0.10/admin")).toBe("403 -"));
  expect(await ask("http://10.96.0.10/")).toBe("200 orders");
  expect(await ask("http://10.96.0.10/", { "x-next": "yes" })).toBe("200 orders-next");
  // Past the virtual IP it is asked too, where the workload has a sidecar.
  expect(await ask("http://10.244.2.10:8080/")).toBe("200 orders");
  await eventually(async () => expect(await ask("http://10.244.2.10:8080/admin")).toBe("403 -"));
});
