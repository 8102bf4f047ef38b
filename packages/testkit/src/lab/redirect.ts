import { netnsPath } from "../netns.js";
import { inboundInput, NO_REDIRECTS, type RedirectHook, type RedirectRule, redirectInput } from "./redirect-rules.js";
import { feed, shell } from "./shell.js";

const FAMILIES = [4, 6] as const;
const RESTORE = { 4: "iptables-restore", 6: "ip6tables-restore" } as const;

/** Puts rules in force in a namespace; the next call replaces them. Calls take effect in their order. */
export function redirector(netns: string, hook: RedirectHook): (rules: readonly RedirectRule[]) => Promise<void> {
  const states = { 4: NO_REDIRECTS, 6: NO_REDIRECTS };
  return inOrder(async (rules) => {
    const inputs = FAMILIES.map((family) => ({ family, ...redirectInput(family, hook, rules, states[family]) }));
    for (const { family, lines, after } of inputs) {
      await restore(netns, family, lines);
      states[family] = after;
    }
  });
}

/** TCP ports whose incoming connections go to another port of the same namespace. */
export interface InboundRedirect {
  readonly ports: readonly number[];
  /** The port that they go to. */
  readonly to: number;
}

/** Puts a redirection of what arrives in force in a namespace; undefined ends it. Calls take effect in their order. */
export function inboundRedirector(netns: string): (inbound: InboundRedirect | undefined) => Promise<void> {
  const jumps = { 4: false, 6: false };
  return inOrder(async (inbound) => {
    const { ports, to } = inbound ?? { ports: [], to: 1 };
    for (const family of FAMILIES) {
      await restore(netns, family, inboundInput(ports, to, jumps[family]));
      jumps[family] = true;
    }
  });
}

async function restore(netns: string, family: 4 | 6, lines: readonly string[]): Promise<void> {
  const command = `nsenter --net=${netnsPath(netns)} ${RESTORE[family]} --noflush --wait`;
  await shell(`redirecting in ${netns}`, feed(command, lines));
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
