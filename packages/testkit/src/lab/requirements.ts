import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { TestkitError } from "../error.js";

/** What a lab runs, and the Debian package that has it. */
const TOOLS: Readonly<Record<string, string>> = {
  ip: "iproute2",
  "iptables-restore": "iptables",
  "ip6tables-restore": "iptables",
  nsenter: "util-linux",
};

/** The capabilities that a lab needs, by their bit. */
const CAPABILITIES: Readonly<Record<string, bigint>> = { CAP_NET_ADMIN: 12n, CAP_SYS_ADMIN: 21n };

/** The environment for what a lab runs: system administration programs are not on everybody's `PATH`. */
export function toolEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...env, PATH: [env.PATH, "/usr/sbin", "/sbin"].filter(Boolean).join(delimiter) };
}

/**
 * Checks that this process may make network namespaces and has the programs for it.
 *
 * @throws TestkitError `not-permitted` or `tool-missing`.
 */
export function checkRequirements(): void {
  checkCapabilities(processStatus());
  checkTools(toolEnvironment().PATH ?? "");
}

/** Throws `not-permitted` unless a text like `/proc/self/status` tells the capabilities. */
export function checkCapabilities(status: string): void {
  const effective = BigInt(`0x${/^CapEff:\s*([\da-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  const missing = Object.keys(CAPABILITIES).filter((name) => ((effective >> CAPABILITIES[name]!) & 1n) === 0n);
  if (missing.length === 0) return;
  const message = `a lab makes network namespaces, which needs ${missing.join(" and ")}: run this as root on Linux`;
  throw new TestkitError("not-permitted", message, { missing });
}

/** Throws `tool-missing` unless all programs are in the folders of `path`. */
export function checkTools(path: string): void {
  const folders = path.split(delimiter).filter((folder) => folder !== "");
  const missing = Object.keys(TOOLS).filter((tool) => !folders.some((folder) => isProgram(join(folder, tool))));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((tool) => TOOLS[tool]!))];
  const message = `a lab needs ${missing.join(", ")}, not found in ${path}: apt-get install ${packages.join(" ")}`;
  throw new TestkitError("tool-missing", message, { missing, packages });
}

function processStatus(): string {
  try {
    return readFileSync("/proc/self/status", "utf8");
  } catch {
    // No Linux.
    return "";
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
