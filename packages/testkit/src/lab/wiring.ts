import { isIP } from "node:net";
import { netnsPath } from "../netns.js";
import { feed } from "./shell.js";

// Shell scripts that make the namespaces of a lab. Every link is made inside the namespaces that it joins: nothing ever
// appears in that of the machine. Addresses are single ones (/32, /128) and routes are explicit, so that a lab looks like
// a cluster whose nodes route: no neighbour is reached but through its node.

/** The fabric's address on each of its links, for the neighbour protocols. */
const FABRIC_V4 = "169.254.1.1";
const FABRIC_V6 = "fe80::1";

/** A node as the scripts need it. */
export interface NodeWiring {
  readonly netns: string;
  readonly fabric: string;
  /** Name of the fabric's end of the link. */
  readonly link: string;
  readonly addresses: readonly string[];
  readonly virtualRanges: readonly string[];
}

/** A pod as the scripts need it. */
export interface PodWiring {
  readonly netns: string;
  readonly addresses: readonly string[];
  readonly node: NodeWiring;
  /** Name of the node's end of the link. */
  readonly link: string;
  /** Ranges that lead nowhere from here. */
  readonly blackholes: readonly string[];
}

/** Makes the fabric: a namespace that only routes between nodes. */
export function fabricScript(netns: string): string {
  return namespace(netns, { forwards: true }) + batch(netns, ["link set lo up"]);
}

/** Makes a node and joins it to the fabric. */
export function nodeScript({ netns, fabric, link, addresses, virtualRanges }: NodeWiring): string {
  return (
    namespace(netns, { forwards: true }) +
    batch(fabric, [
      `link add ${link} type veth peer name fabric netns ${netns}`,
      `address add ${FABRIC_V4}/32 dev ${link}`,
      `address add ${FABRIC_V6}/64 dev ${link} nodad`,
      `link set ${link} up`,
    ]) +
    batch(netns, [
      "link set lo up",
      ...addresses.flatMap((address) => own(address, ["lo", "fabric"])),
      "link set fabric up",
      ...first(addresses).map((address) => {
        const via = isIP(address) === 6 ? FABRIC_V6 : FABRIC_V4;
        return `route add default via ${via} dev fabric onlink src ${address}`;
      }),
      // More specific than the default route: what is not redirected ends here.
      ...virtualRanges.map((range) => `route add blackhole ${range}`),
    ]) +
    batch(
      fabric,
      addresses.map((address) => `route add ${single(address)} dev ${link}`),
    )
  );
}

/** Makes a pod and joins it to its node. */
export function podScript({ netns, addresses, node, link, blackholes }: PodWiring): string {
  const gateway = (address: string): string =>
    first(node.addresses).find((candidate) => isIP(candidate) === isIP(address))!;
  return (
    namespace(netns, { forwards: false }) +
    batch(node.netns, [
      `link add ${link} type veth peer name eth0 netns ${netns}`,
      // A redirection sends to the primary address of the link that a packet came from: that must be the node's.
      ...node.addresses.flatMap((address) => own(address, [link])),
      `link set ${link} up`,
      ...addresses.map((address) => `route add ${single(address)} dev ${link} src ${gateway(address)}`),
    ]) +
    batch(netns, [
      "link set lo up",
      ...addresses.flatMap((address) => own(address, ["eth0"])),
      "link set eth0 up",
      ...first(addresses).map((address) => `route add default via ${gateway(address)} dev eth0 onlink src ${address}`),
      ...blackholes.map((range) => `route add blackhole ${range}`),
    ]) +
    batch(
      node.fabric,
      addresses.map((address) => `route add ${single(address)} via ${gateway(address)} dev ${node.link} onlink`),
    )
  );
}

/** A namespace whose links, made later, forward or not and have usable addresses at once. */
function namespace(netns: string, { forwards }: { forwards: boolean }): string {
  const settings = [
    ...["all", "default"].flatMap((scope) => [
      [`ipv4/conf/${scope}/rp_filter`, 0],
      // A pod's own proxy listens on 127.0.0.1, and gets connections that were made to other addresses.
      [`ipv4/conf/${scope}/route_localnet`, 1],
      [`ipv6/conf/${scope}/disable_ipv6`, 0],
      [`ipv6/conf/${scope}/accept_dad`, 0],
      [`ipv6/conf/${scope}/accept_ra`, 0],
      [`ipv6/conf/${scope}/forwarding`, Number(forwards)],
    ]),
    ["ipv4/ip_forward", Number(forwards)],
  ];
  const script = settings.map(([name, value]) => `echo ${value} > /proc/sys/net/${name}`);
  return `ip netns add ${netns}\n${feed(`nsenter --net=${netnsPath(netns)} sh -e -s`, script)}`;
}

function batch(netns: string, lines: readonly string[]): string {
  return feed(`ip -n ${netns} -batch -`, lines);
}

function own(address: string, links: readonly string[]): string[] {
  const nodad = isIP(address) === 6 ? " nodad" : "";
  return links.map((link) => `address add ${single(address)} dev ${link}${nodad}`);
}

function single(address: string): string {
  return `${address}/${isIP(address) === 6 ? 128 : 32}`;
}

/** The first address of each family: the primary one. */
function first(addresses: readonly string[]): string[] {
  return [4, 6].flatMap((family) => addresses.find((address) => isIP(address) === family) ?? []);
}
