import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { HttpEcho, HttpOutcome, NetLab } from "@rxds/testkit";

/** The workspace. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** An agent is a compiled program: it must be that of these sources. */
export function buildTestkit(): void {
  execFileSync(`${root}/node_modules/.bin/tsc`, ["-b", "packages/testkit"], { cwd: root });
}

/** The ranges that labs of tests have for virtual IPs. */
export const VIRTUAL = { virtualRanges: ["10.96.0.0/16", "fd00:96::/64"] };

/** The addresses of a node (host 1) or a pod (host 2 and up). */
export function addresses(node: number, host: number): { addresses: [v4: string, v6: string] } {
  return { addresses: [`10.244.${node}.${host}`, `fd00:244:${node}::${host}`] };
}

/** Two nodes with three pods each. */
export async function twoNodes(lab: NetLab) {
  const nodes = await Promise.all([1, 2].map((n) => lab.node(`n${n}`, addresses(n, 1))));
  const pods = await Promise.all(
    nodes.map((node, n) => Promise.all([2, 3, 4].map((host) => node.pod(`p${n + 1}-${host}`, addresses(n + 1, host))))),
  );
  return { nodes, pods } as const;
}

/** What a backend tells in its answer; throws when it is none with status 200. */
export function echoOf(outcome: HttpOutcome): HttpEcho {
  if (outcome.error !== undefined || outcome.status !== 200) throw new Error(`no answer: ${JSON.stringify(outcome)}`);
  return JSON.parse(outcome.body) as HttpEcho;
}

/** An address and a port as they stand in a URL. */
export function at(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The namespaces of a process's labs. */
export function namespacesOf(pid: number): string[] {
  return readdirSync("/run/netns").filter((name) => name.startsWith(`rxds-${pid}-`));
}

/** The processes in a namespace. */
export function processesIn(netns: string): number[] {
  const { ino } = statSync(`/run/netns/${netns}`);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/ns/net`) === `net:[${ino}]`;
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** The control group (version 2) of a process, below where they are mounted. */
export function cgroupOf(pid: number): string {
  return /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))![1]!;
}
