import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { eventually, type NetLab, netLab, startEnvoy } from "@rxds/testkit";
import { beforeAll, expect, test } from "vitest";
import { addresses, buildTestkit, cgroupOf, VIRTUAL } from "./lab-support.js";
import { alive } from "./leftovers.js";
import { staticListener } from "./static-listener.js";

beforeAll(buildTestkit);

const ALL = { ...VIRTUAL, cgroups: true, bpffs: true };

async function oneNode(lab: NetLab) {
  const node = await lab.node("n1", addresses(1, 1));
  const [web, api] = await Promise.all([node.pod("web", addresses(1, 2)), node.pod("api", addresses(1, 3))]);
  return { node, web: web!, api: api! };
}

test("each process is in the control group of its place, and all is gone when the lab is closed", async () => {
  const lab = await netLab(ALL);
  const { node, web, api } = await oneNode(lab);
  expect(node.cgroup).toBe(`${lab.cgroup}/n1`);
  expect(node.envoyCgroup).toBe(`${node.cgroup}/envoy`);
  expect([web.cgroup, api.cgroup]).toEqual([`${node.cgroup}/pods/web`, `${node.cgroup}/pods/api`]);
  const agents = await Promise.all([node, web, api].map(async (place) => [place, await place.agent()] as const));
  for (const [place, { pid }] of agents) expect(place.cgroup).toBe(dirname(lab.cgroup) + cgroupOf(pid));
  for (const place of [node, web]) {
    const { stdout } = await place.run("sh", ["-c", "cat /proc/$$/cgroup"]);
    expect(stdout).toContain(`0::${place.cgroup.slice(dirname(lab.cgroup).length)}\n`);
  }
  const folder = lab.bpffs;
  await lab.close();
  for (const path of [lab.cgroup, folder]) expect(existsSync(path)).toBe(false);
  expect(mountTable()).not.toContain(folder);
  expect(agents.filter(([, { pid }]) => alive(pid))).toEqual([]);
});

test("an Envoy's sockets are of the control group that it is started in, and the lab takes it along", async () => {
  const lab = await netLab(ALL);
  const { node } = await oneNode(lab);
  const envoy = await startEnvoy({
    netns: node.netns,
    cgroup: node.envoyCgroup,
    staticResources: staticListener("main", 9000),
  });
  const listener = await envoy.listenerAddress("main");
  expect(node.envoyCgroup).toBe(dirname(lab.cgroup) + cgroupOf(envoy.pid));
  const { stdout } = await node.run("ss", ["-ltnH", "--cgroup"]);
  expect(stdout).toMatch(new RegExp(`${listener} .* cgroup:${cgroupOf(envoy.pid)}\\s*$`, "m"));
  await lab.close();
  expect(await envoy.exited).toEqual({ code: null, signal: "SIGKILL" });
  await expect(startEnvoy({ cgroup: node.envoyCgroup })).rejects.toMatchObject({ code: "invalid-argument" });
});

test("an Envoy in a control group alone, without a namespace of the lab, ends with the lab, too", async () => {
  const lab = await netLab({ cgroups: true });
  const { node } = await oneNode(lab);
  const envoy = await startEnvoy({ cgroup: node.envoyCgroup });
  await lab.close();
  expect(await envoy.exited).toEqual({ code: null, signal: "SIGKILL" });
  expect(existsSync(lab.cgroup)).toBe(false);
});

test("control groups that a test has made below those of the lab are removed with them", async () => {
  const lab = await netLab({ cgroups: true });
  const { web } = await oneNode(lab);
  const nested = `${web.cgroup}/own`;
  const moved = web.run("sh", ["-c", `mkdir ${nested} && echo $$ > ${nested}/cgroup.procs && exec sleep 600`]);
  await eventually(() => expect(readFileSync(`${nested}/cgroup.procs`, "utf8")).toMatch(/^\d+\n$/));
  await lab.close();
  expect(await moved).toMatchObject({ code: null });
  expect(existsSync(lab.cgroup)).toBe(false);
});

test("each lab has a BPF file system of its own, for its user only", async () => {
  await using lab = await netLab({ bpffs: true });
  await using other = await netLab({ bpffs: true });
  expect(other.bpffs).not.toBe(lab.bpffs);
  expect(mountTable()).toMatch(new RegExp(` ${lab.bpffs} .* - bpf bpf `));
  expect(statSync(dirname(lab.bpffs)).dev).not.toBe(statSync(lab.bpffs).dev);
});

test("a lab has only what it was asked for, and says so", async () => {
  await using lab = await netLab();
  const { node, web } = await oneNode(lab);
  const refused = [() => lab.cgroup, () => node.cgroup, () => node.envoyCgroup, () => web.cgroup, () => lab.bpffs];
  for (const look of refused)
    expect(look).toThrow(/the lab was made without this: netLab\(\{ (cgroups|bpffs): true \}\)/);
  const agent = await web.agent();
  expect(cgroupOf(agent.pid)).toBe(cgroupOf(process.pid));
});

test("what a lab left half made is removed by the next, and what only looks like it stays", async () => {
  const { pid } = spawnSync("true");
  await using first = await netLab({ cgroups: true, bpffs: true });
  const [groups, temp] = [dirname(first.cgroup), dirname(first.bpffs)];
  const left = [join(groups, `rxds-${pid}-1-abcdef`), join(temp, `rxds-${pid}-1-abcdef-bpffs`)];
  const foreign = [join(groups, `rxds-${pid}-other`), join(temp, `rxds-${pid}-1-abcdef-other`)];
  try {
    for (const path of [...left, ...foreign]) mkdirSync(join(path, "inner"), { recursive: true });
    await using _second = await netLab();
    expect(left.filter((path) => existsSync(path))).toEqual([]);
    for (const path of [...foreign, first.cgroup, first.bpffs]) expect(existsSync(path)).toBe(true);
  } finally {
    for (const path of [...left, ...foreign]) spawnSync("rmdir", [join(path, "inner"), path]);
  }
  expect(foreign.filter((path) => existsSync(path))).toEqual([]);
});

function mountTable(): string {
  return readFileSync("/proc/self/mountinfo", "utf8");
}
