import { netnsPath } from "../netns.js";
import { inboundInput, REDIRECT_BASE, type RedirectHook, type RedirectRule, redirectInput } from "./redirect-rules.js";
import { feed, shell } from "./shell.js";

const FAMILIES = [4, 6] as const;
const RESTORE = { 4: "iptables-restore", 6: "ip6tables-restore" } as const;

/** A script that prepares a new namespace for redirections. */
export function redirectBaseScript(netns: string): string {
  return FAMILIES.map((family) => restoreScript(netns, family, REDIRECT_BASE)).join("");
}

/** Puts rules in force in a namespace; the next call replaces them. Calls take effect in their order. */
export function redirector(netns: string, hook: RedirectHook): (rules: readonly RedirectRule[]) => Promise<void> {
  const sets = { 4: 0, 6: 0 };
  return inOrder(async (rules) => {
    const inputs = FAMILIES.map((family) => ({ family, ...redirectInput(family, hook, rules, sets[family]) }));
    for (const { family, lines, sets: now } of inputs) {
      await restore(netns, family, lines);
      sets[family] = now;
    }
  });
}

/** TCP ports whose incoming connections go to another port of the same namespace. */
export interface InboundRedirect {
  /** The ports that clients connect to. */
  readonly ports: readonly number[];
  /** The port that they go to. */
  readonly to: number;
}

/** Puts a redirection of what arrives in force in a namespace; undefined ends it. Calls take effect in their order. */
export function inboundRedirector(netns: string): (inbound: InboundRedirect | undefined) => Promise<void> {
  return inOrder(async (inbound) => {
    const { ports, to } = inbound ?? { ports: [], to: 1 };
    const lines = inboundInput(ports, to);
    for (const family of FAMILIES) await restore(netns, family, lines);
  });
}

async function restore(netns: string, family: 4 | 6, lines: readonly string[]): Promise<void> {
  await shell(`redirecting in ${netns}`, restoreScript(netns, family, lines));
}

function restoreScript(netns: string, family: 4 | 6, lines: readonly string[]): string {
  return feed(`nsenter --net=${netnsPath(netns)} ${RESTORE[family]} --noflush --wait`, lines);
}

/** A function whose calls begin when the one before has ended, well or not. */
function inOrder<T>(work: (value: T) => Promise<void>): (value: T) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (value) => {
    const result = last.then(() => work(value));
    last = result.catch(() => {});
    return result;
  };
}
