import { isIP } from "node:net";
import { TestkitError } from "../error.js";

/** Sends what is meant for one address and port to another. */
export interface RedirectRule {
  /** The protocol that the rule is for. */
  readonly protocol: "tcp" | "udp";
  /** Where the client believes to connect to, for example a virtual IP. */
  readonly address: string;
  /** Port of that address. */
  readonly port: number;
  /** Where it is sent instead. Of the same family as `address`. */
  readonly to: { readonly address: string; readonly port: number };
  /** Source addresses that the rule is for. Default: all. Those of the other family are ignored. */
  readonly from?: readonly string[];
}

/** Where the kernel looks at a packet: on its way in, or when it was made in the namespace itself. */
export type RedirectHook = "PREROUTING" | "OUTPUT";

/** Our chains, by the kernel's chain that leads to them. */
const CHAINS = { PREROUTING: ["RXDS-PREROUTING", "RXDS-INBOUND"], OUTPUT: ["RXDS-OUTPUT"] } as const;

/**
 * Input for `iptables-restore` that prepares a new namespace: our chains, empty. The match turns connection tracking on.
 * The kernel would else do that at the first translation, take the next packet of an open connection for the begin of a
 * new one, and redirect it.
 */
export const REDIRECT_BASE: readonly string[] = [
  "*nat",
  ...Object.values(CHAINS)
    .flat()
    .map((chain) => `:${chain} - [0:0]`),
  ...Object.entries(CHAINS).flatMap(([hook, chains]) =>
    chains.map((chain) => `-A ${hook} -m conntrack --ctstate NEW -j ${chain}`),
  ),
  "COMMIT",
];

/**
 * Input for `iptables-restore --noflush` that puts exactly these rules in force, in one step of the kernel: our chains are
 * emptied and filled in the same transaction. Rules with the same sources share a chain, which each source jumps to.
 * `setsBefore` is how many such chains there are; `sets` how many there will be.
 *
 * @throws TestkitError `invalid-argument`.
 */
export function redirectInput(
  family: 4 | 6,
  hook: RedirectHook,
  rules: readonly RedirectRule[],
  setsBefore: number,
): { readonly lines: readonly string[]; readonly sets: number } {
  const [main] = CHAINS[hook];
  const sets = new Map<string, RedirectRule[]>();
  for (const rule of rules) {
    if (checkedFamily(rule) !== family) continue;
    const sources = rule.from === undefined ? "" : [...new Set(rule.from)].filter((ip) => isIP(ip) === family).sort();
    const key = String(sources);
    if (rule.from !== undefined && key === "") continue;
    sets.set(key, [...(sets.get(key) ?? []), rule]);
  }
  const everybody = sets.get("") ?? [];
  sets.delete("");
  const chain = (index: number): string => `${main}-${index + 1}`;
  const chains = Array.from({ length: Math.max(sets.size, setsBefore) }, (_, index) => chain(index));
  const lines = [
    "*nat",
    ...[main, ...chains].map((name) => `:${name} - [0:0]`),
    ...[...sets].flatMap(([key, own], index) => [
      ...key.split(",").map((source) => `-A ${main} -s ${source} -j ${chain(index)}`),
      ...own.map((rule) => ruleLine(chain(index), rule)),
    ]),
    ...everybody.map((rule) => ruleLine(main, rule)),
    ...chains.slice(sets.size).map((name) => `-X ${name}`),
    "COMMIT",
  ];
  return { lines, sets: sets.size };
}

/** Input for `iptables-restore --noflush`: TCP that arrives at one of the ports goes to another port. */
export function inboundInput(ports: readonly number[], to: number): string[] {
  const [, chain] = CHAINS.PREROUTING;
  for (const port of [...ports, to]) checkPort(port);
  return [
    "*nat",
    `:${chain} - [0:0]`,
    ...ports.map((port) => `-A ${chain} -p tcp --dport ${port} -j REDIRECT --to-ports ${to}`),
    "COMMIT",
  ];
}

function ruleLine(chain: string, { protocol, address, port, to }: RedirectRule): string {
  const target = isIP(to.address) === 6 ? `[${to.address}]` : to.address;
  return `-A ${chain} -d ${address} -p ${protocol} --dport ${port} -j DNAT --to-destination ${target}:${to.port}`;
}

function checkedFamily({ address, port, to, from = [] }: RedirectRule): number {
  const family = isIP(address);
  checkPort(port);
  checkPort(to.port);
  const wrong = [address, to.address, ...from].find((text) => isIP(text) === 0);
  if (wrong !== undefined) {
    throw new TestkitError("invalid-argument", `${JSON.stringify(wrong)} is no IP address`, { address: wrong });
  }
  if (isIP(to.address) === family) return family;
  const message = `${address} cannot be redirected to ${to.address}: both must be IPv4 or both IPv6`;
  throw new TestkitError("invalid-argument", message, { address, to: to.address });
}

function checkPort(port: number): void {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return;
  throw new TestkitError("invalid-argument", `${port} is no port: a whole number from 1 to 65535 is expected`, {
    port,
  });
}
