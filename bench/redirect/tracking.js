/** @typedef {import("@rxds/testkit").LabPlace} LabPlace */

/** A chain that nothing leads to: a rule that asks for the state of connections lets the kernel track them, wherever it is. */
const CHAIN = "TRACKED";

/** Ends the tracking of connections that a lab starts with: it takes its rules away. @param {LabPlace} place */
export async function untrack(place) {
  for (const command of ["iptables", "ip6tables"]) {
    for (const action of ["--flush", "--delete-chain"]) await nat(place, [action], command);
  }
}

/** Lets a place that has no rules track connections, or not. @param {LabPlace} place @param {boolean} on */
export async function track(place, on) {
  if (on) {
    await nat(place, ["--new-chain", CHAIN]);
    await nat(place, ["--append", CHAIN, "--match", "conntrack", "--ctstate", "NEW"]);
  } else {
    await nat(place, ["--flush", CHAIN]);
    await nat(place, ["--delete-chain", CHAIN]);
  }
}

/** How many connections a place knows of. @param {LabPlace} place */
export async function trackedIn(place) {
  const { stdout } = await place.run("cat", ["/proc/sys/net/netfilter/nf_conntrack_count"]);
  return Number(stdout);
}

/**
 * Runs iptables on the table of translations, and resolves with what it printed.
 *
 * @param {LabPlace} place @param {readonly string[]} args
 */
export async function nat(place, args, command = "iptables") {
  const { stdout, stderr, code } = await place.run(command, ["--wait", "--table", "nat", ...args]);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} in ${place.name} ended with ${code}: ${stderr}`);
  return stdout;
}
