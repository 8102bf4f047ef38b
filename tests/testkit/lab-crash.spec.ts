import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { envoyBinary, eventually, netLab } from "@rxds/testkit";
import { afterEach, beforeAll, expect, test } from "vitest";
import { addresses, buildTestkit, namespacesOf, processesIn } from "./lab-support.js";
import { alive } from "./leftovers.js";

beforeAll(buildTestkit);

const here = fileURLToPath(new URL(".", import.meta.url));

// It has a lab with all that can run in one, and closes it when its input ends.
const LAB = `
import { netLab, startEnvoy } from "@rxds/testkit";
const lab = await netLab({ virtualRanges: ["10.96.0.0/16"], cgroups: true, bpffs: true });
const node = await lab.node("n1", { addresses: ["10.244.1.1"] });
const pod = await node.pod("web", { addresses: ["10.244.1.2"] });
const agent = await pod.agent();
await agent.serveHttp({ port: 9000, name: "child" });
const envoy = await startEnvoy({ netns: node.netns, cgroup: node.envoyCgroup });
pod.run("sleep", ["600"]);
console.log(JSON.stringify({ netns: pod.netns, pids: [agent.pid, envoy.pid], cgroup: lab.cgroup, bpffs: lab.bpffs }));
process.stdin.on("end", async () => {
  await lab.close();
  process.exit(0);
}).resume();
`;

let child: ChildProcess | undefined;
afterEach(() => child?.kill("SIGKILL"));

/** What is mounted, as a text. */
const mounted = (): string => readFileSync("/proc/self/mountinfo", "utf8");

/** Starts a process that has a lab; resolves when it stands. */
async function processWithLab() {
  const started = spawn(process.execPath, ["--input-type=module", "-e", LAB], {
    cwd: here,
    env: { ...process.env, ENVOY_PATH: await envoyBinary() },
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  child = started;
  const ended = once(started, "exit");
  for await (const line of createInterface({ input: started.stdout })) {
    const told = JSON.parse(line) as { netns: string; pids: number[]; cgroup: string; bpffs: string };
    return { id: started.pid!, ended, ...told, stdin: started.stdin };
  }
  throw new Error("the process said nothing");
}

test.each([
  ["", (id: number) => process.kill(id, "SIGKILL")],
  [" together with its process group", (id: number) => process.kill(-id, "SIGKILL")],
])("what a process killed by SIGKILL%s had running ends, and the next lab removes what it had made", async (_, end) => {
  const { id, ended, netns, pids, cgroup, bpffs } = await processWithLab();
  // The agent, and the command that was run.
  await eventually(() => expect(processesIn(netns)).toHaveLength(2));
  const living = processesIn(netns);
  end(id);
  await ended;
  const left = () => [...pids, ...living].filter(alive);
  await eventually(() => expect(left()).toEqual([]), { describe: "no process is left" });
  expect(namespacesOf(id)).toHaveLength(3);
  for (const path of [cgroup, bpffs]) expect(existsSync(path)).toBe(true);
  expect(mounted()).toContain(bpffs);
  await using _lab = await netLab();
  expect(namespacesOf(id)).toEqual([]);
  for (const path of [cgroup, bpffs]) expect(existsSync(path)).toBe(false);
  expect(mounted()).not.toContain(bpffs);
});

test("what still runs in the control group of a lab whose process has ended is killed, nothing else", async () => {
  const { id, ended, cgroup } = await processWithLab();
  const inside = spawn("sh", ["-c", `echo $$ > ${cgroup}/cgroup.procs && echo in && exec sleep 600`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const outside = spawn("sleep", ["600"]);
  try {
    const killed = once(inside, "exit");
    await once(inside.stdout, "data");
    await using _first = await netLab();
    expect(existsSync(cgroup)).toBe(true);
    process.kill(id, "SIGKILL");
    await ended;
    await using _second = await netLab();
    expect(existsSync(cgroup)).toBe(false);
    expect(await killed).toEqual([null, "SIGKILL"]);
    expect(outside.exitCode ?? outside.signalCode).toBe(null);
  } finally {
    inside.kill("SIGKILL");
    outside.kill("SIGKILL");
  }
});

test("labs of two processes do not disturb each other, with the same names and addresses", async () => {
  const { id, ended, stdin, netns, pids, cgroup, bpffs } = await processWithLab();
  const lab = await netLab({ cgroups: true, bpffs: true });
  const node = await lab.node("n1", addresses(1, 1));
  const pod = await node.pod("web", addresses(1, 2));
  const agent = await pod.agent();
  expect(await agent.http({ url: "http://10.244.1.2:9000/" })).toEqual({ error: "ECONNREFUSED" });
  await lab.close();
  expect(namespacesOf(id)).toHaveLength(3);
  for (const path of [cgroup, bpffs]) expect(existsSync(path)).toBe(true);
  await eventually(() => expect(processesIn(netns)).toHaveLength(2));
  stdin.end();
  expect(await ended).toEqual([0, null]);
  expect(namespacesOf(id)).toEqual([]);
  for (const path of [cgroup, bpffs]) expect(existsSync(path)).toBe(false);
  await eventually(() => expect(pids.filter(alive)).toEqual([]));
});

test("without the capabilities there is no lab, and the error names them", async () => {
  const program = `
    import { netLab } from "@rxds/testkit";
    await netLab().catch(({ code, message }) => console.log(code, message));
  `;
  const node = [process.execPath, "--input-type=module", "-e", program];
  const { stdout } = await promisify(execFile)("setpriv", ["--bounding-set=-net_admin,-sys_admin", ...node], {
    cwd: here,
  });
  expect(stdout).toContain("not-permitted a lab makes network namespaces, which needs CAP_NET_ADMIN and CAP_SYS_ADMIN");
});
