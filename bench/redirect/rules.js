import { spawnSync } from "node:child_process";
import { DOORS } from "./lab.js";
import { nat } from "./tracking.js";

/** @typedef {import("./lab.js").Lab} Lab */

/**
 * The iptables of this machine: the command itself first, and the other kind if it is installed beside.
 *
 * @returns {{ readonly command: string, readonly kind: "legacy" | "nft" }[]}
 */
export function installed() {
  const first = { command: "iptables", kind: kindOf(versionOf("iptables") ?? "") };
  const kind = first.kind === "nft" ? "legacy" : "nft";
  const command = `iptables-${kind}`;
  return versionOf(command) === undefined ? [first] : [first, { command, kind }];
}

/** @param {string} version as `iptables -V` tells it @returns {"legacy" | "nft"} */
export function kindOf(version) {
  return version.includes("nf_tables") ? "nft" : "legacy";
}

/** @param {string} command @returns {string | undefined} */
function versionOf(command) {
  const { stdout, status } = spawnSync(command, ["-V"], { encoding: "utf8" });
  return status === 0 ? stdout : undefined;
}

/**
 * What the client sends to the virtual IP goes to the Envoy of its node. The rule is in the node: the connection tracking of the namespace in
 * which a rule is tells the original destination, and Envoy asks for it there.
 */
const RULE = [
  ...["PREROUTING", "--protocol", "tcp"],
  ...["--destination", DOORS.virtual.address, "--dport", String(DOORS.virtual.port)],
  ...["--jump", "REDIRECT", "--to-ports", String(DOORS.rules.port)],
];

/**
 * Puts the rule into force. Resolves with how to read how many packets it redirected, and how to end it.
 *
 * @param {Lab} lab @param {string} command
 */
export async function redirectByRules({ node }, command) {
  await nat(node, ["--append", ...RULE], command);
  return {
    // Only the first packet of a connection comes to rules of this table.
    redirected: async () => packetsOf(await nat(node, ["--list-rules", "PREROUTING", "--verbose"], command)),
    end: async () => void (await nat(node, ["--delete", ...RULE], command)),
  };
}

/** How many packets the rules for REDIRECT have met. @param {string} rules as `iptables --list-rules --verbose` tells them */
export function packetsOf(rules) {
  const counted = rules
    .split("\n")
    .flatMap((rule) => (/-j REDIRECT/.test(rule) ? [/ -c (\d+) \d+/.exec(rule)?.[1]] : []));
  if (counted.length === 0 || counted.includes(undefined)) throw new Error(`expected counted rules, not: ${rules}`);
  return counted.reduce((sum, packets) => sum + Number(packets), 0);
}
