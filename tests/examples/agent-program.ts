import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { LabNode } from "@rxds/testkit";
import { root } from "./program.js";

/** What `rxds-agent` says of itself in a line. */
export interface AgentLine {
  readonly connection: string;
  readonly connectionError?: string;
  readonly plan: string | null;
  readonly applied: string | null;
  /** Of the plan that is in force, once one was put into force by this process. */
  readonly entries?: number;
  readonly writes?: number;
  readonly table?: string;
  readonly problems: readonly { readonly message: string }[];
  readonly failed?: { readonly plan: string; readonly message: string };
}

/** A running `rxds-agent`. Disposing of it kills it. */
export interface AgentProgram extends AsyncDisposable {
  /** All that it said so far. */
  readonly lines: readonly AgentLine[];
  /** The first line that is as expected, of those that it said and those that come. */
  until(expected: (line: AgentLine) => boolean, what: string): Promise<AgentLine>;
  kill(signal: NodeJS.Signals): void;
  /** How it ended: the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

/** Where an agent runs, and with what. */
export interface AgentPlace {
  readonly node: LabNode;
  /** Paths of the control groups of proxies. */
  readonly proxyCgroups: readonly string[];
  readonly pins: string;
  readonly ads: string;
}

const MAIN = `${root}/packages/agent/dist/cli/main.js`;
const DEADLINE_MS = 30_000;

/** Starts the agent of a node: in its network namespace, and in its control group, which is not that of a pod. */
export function startAgentProgram(place: AgentPlace, more: readonly string[] = []): AgentProgram {
  const { node, proxyCgroups, pins, ads } = place;
  const enter = [
    "-c",
    'echo $$ > "$0/cgroup.procs" && exec "$@"',
    node.cgroup,
    "nsenter",
    `--net=/run/netns/${node.netns}`,
  ];
  const options = ["--node", node.name, "--address", ads, "--pins", pins, "--cgroup", node.cgroup];
  const proxies = proxyCgroups.flatMap((path) => ["--proxy-cgroup", path]);
  const child = spawn("/bin/sh", [...enter, process.execPath, MAIN, ...options, ...proxies, ...more], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  return watching(child);
}

function watching(child: ChildProcessByStdio<null, Readable, Readable>): AgentProgram {
  const lines: AgentLine[] = [];
  const waiting = new Set<() => void>();
  let errors = "";
  let end: number | string | undefined;
  const look = () => {
    for (const again of waiting) again();
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(JSON.parse(line) as AgentLine);
    look();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const ended = once(child, "close").then(([code, signal]: (number | string | null)[]) => {
    end = code ?? signal ?? "unknown";
    look();
    return end;
  });
  return {
    lines,
    ended,
    kill: (signal) => void child.kill(signal),
    until: (expected, what) =>
      new Promise((resolve, reject) => {
        const fail = (why: string) =>
          settle(() =>
            reject(new Error(`${what}: ${why}; the last of ${lines.length} lines: ${said(lines)}\n${errors}`)),
          );
        const timer = setTimeout(() => fail(`not within ${DEADLINE_MS} ms`), DEADLINE_MS);
        const settle = (then: () => void) => {
          waiting.delete(check);
          clearTimeout(timer);
          then();
        };
        let seen = 0;
        const check = () => {
          const found = lines.slice(seen).find(expected);
          seen = lines.length;
          if (found !== undefined) settle(() => resolve(found));
          else if (end !== undefined) fail(`the agent has ended: ${end}`);
        };
        waiting.add(check);
        check();
      }),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

const said = (lines: readonly AgentLine[]): string =>
  lines
    .slice(-3)
    .map((line) => JSON.stringify(line))
    .join("\n");
