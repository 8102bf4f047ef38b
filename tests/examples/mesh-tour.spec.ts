import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { eventually } from "@rxds/testkit";
import { expect, test } from "vitest";
import { namespacesOf, processesIn } from "../testkit/lab-support.js";
import { alive } from "../testkit/leftovers.js";
import { type Program, startProgram } from "./program.js";

/** How many Envoys each topology asks for. */
const ENVOYS = { sidecar: 10, node: 3 } as const;

/** The documents of a mesh that is shown. */
async function folderOf(program: Program): Promise<string> {
  const [, folder = ""] = await program.until(/documents +(\S+)/);
  return folder;
}

/** What runs in the network namespaces of a program. */
const inhabitants = ({ pid }: Program) => namespacesOf(pid).flatMap(processesIn);

test.each([
  ["sidecar", "node"],
  ["node", "sidecar"],
] as const)("npm start -- --topology %s --once goes on to %s, and no request fails", async (first, second) => {
  await using program = startProgram(["scripts/start.mjs", "--topology", first, "--once"]);
  const folder = await folderOf(program);
  expect(await program.ended, program.output()).toBe(0);
  const output = program.output();
  expect(output).toMatch(new RegExp(`^ 1  topology ${first}:[^]*^ 2  topology ${second}:`, "m"));
  const totals = [...output.matchAll(/ (\d+) Envoys +([\d.]+) MB/g)].map(([, count]) => Number(count));
  expect(totals).toEqual([ENVOYS[first], ENVOYS[second]]);
  expect(output.match(/^ .*(sidecar|node)~\S+ +[\d.]+ MB$/gm)).toHaveLength(13);
  expect(output).toMatch(/\d{3,} requests from web-1 and web-2 to orders, 0 failed/);
  expect(output.match(/web-1 +-> payments +403 {2}the Envoy/g)).toHaveLength(2);
  expect(output.match(/web-2 +-> orders +x-next: yes {2}200 {2}orders-next-1/g)).toHaveLength(2);
  expect(output).toContain("All went as expected.");
  expect(output, "nothing else was to be told").not.toMatch(/warning|error|not as expected/i);
  expect(output, "no colours off a terminal").not.toContain("\x1b");
  expect(namespacesOf(program.pid)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});

test("it goes on until SIGINT, follows its documents, and leaves nothing behind", async () => {
  await using program = startProgram(["scripts/start.mjs", "--topology", "node"]);
  const folder = await folderOf(program);
  await program.until(/Ctrl-C ends everything/);
  const before = inhabitants(program);
  // Ten sidecars and an agent in each pod.
  expect(before).toHaveLength(20);
  const file = `${folder}/mesh.yaml`;
  await writeFile(file, (await readFile(file, "utf8")).replace("topology: sidecar", "topology: node"));
  await eventually(() => expect(inhabitants(program)).toHaveLength(13), { deadlineMs: 20_000 });
  const running = inhabitants(program);
  program.kill("SIGINT");
  expect(await program.ended, program.output()).toBe(0);
  expect([...before, ...running].filter(alive)).toEqual([]);
  expect(namespacesOf(program.pid)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});

test("an interrupted story ends with the signal's exit code, and leaves nothing behind", async () => {
  await using program = startProgram(["scripts/start.mjs", "--topology", "sidecar", "--once"]);
  const folder = await folderOf(program);
  const running = inhabitants(program);
  program.kill("SIGINT");
  expect(await program.ended, program.output()).toBe(130);
  expect(program.output()).toContain("SIGINT: stopped before the end");
  expect(running.filter(alive)).toEqual([]);
  expect(namespacesOf(program.pid)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});

test("without the rights for it, it says what it needs", async () => {
  const args = ["--bounding-set=-net_admin,-sys_admin", process.execPath, "examples/tour/dist/mesh/main.js"];
  await using program = startProgram([...args, "--topology", "node"], { command: "setpriv" });
  expect(await program.ended).toBe(1);
  expect(program.output()).toMatch(/^error: .*CAP_NET_ADMIN and CAP_SYS_ADMIN: run this as root on Linux\n$/);
});

test("a topology that there is not is refused", async () => {
  await using program = startProgram(["scripts/start.mjs", "--topology=star"]);
  expect(await program.ended).toBe(2);
  expect(program.output()).toContain('error: --topology must be sidecar or node, not "star"');
});
