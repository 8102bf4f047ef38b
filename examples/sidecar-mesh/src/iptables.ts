import type { RedirectGroup } from "@rxds/mesh";

/**
 * Input for `iptables-restore --noflush` in a workload's network namespace: what it sends to virtual IPs goes to its Envoy, and so does
 * what comes in. Our own chains are replaced in one step; open connections stay as they are. IPv4 only, as this mesh is.
 *
 * @param first Whether these are the first rules there: then the kernel's own chains are led to ours.
 */
export function iptablesInput({ entries, inbound }: RedirectGroup, first: boolean): string {
  return [
    "*nat",
    ":MESH-OUT - [0:0]",
    ":MESH-IN - [0:0]",
    ...(first
      ? ["-A OUTPUT -m conntrack --ctstate NEW -j MESH-OUT", "-A PREROUTING -m conntrack --ctstate NEW -j MESH-IN"]
      : []),
    ...entries.map(
      ({ address, protocol, port, to }) =>
        `-A MESH-OUT -d ${address} -p ${protocol} --dport ${port} -j DNAT --to-destination ${to.address}:${to.port}`,
    ),
    ...(inbound === undefined ? [] : [`-A MESH-IN -p tcp -j REDIRECT --to-ports ${inbound.port}`]),
    "COMMIT",
    "",
  ].join("\n");
}
