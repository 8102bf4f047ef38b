import { createHash } from "node:crypto";
import { isIP } from "node:net";
import {
  canonicalAddress,
  inboundListenerName,
  redirectListenerName,
  udpListenerName,
  virtualListenerName,
} from "../compile/names.js";
import type { ServicePort } from "../compile/service-port.js";
import { costs } from "../graph/costs.js";
import { type MeshProxy, proxyId } from "../graph/proxy.js";
import { carried, listenAddresses, sightOf, type ViewInput } from "../graph/proxy-view.js";
import type { Sight } from "../graph/sight.js";
import { isEnrolled, proxyPorts, topologyOf } from "../graph/topology.js";
import { fullName, type Workload } from "../model/document.js";
import { byDestination } from "./by-destination.js";

/** Where connections of a node's enrolled workloads are redirected to. Plain data, equal for equal meshes. */
export interface RedirectPlan {
  /** The node's name. */
  readonly node: string;
  /** Tells plans apart: a hash of all else. */
  readonly generation: string;
  /**
   * What becomes of connections while their proxy does not answer: `"pass"`: they go where they go without a mesh. Absent: they
   * are refused.
   */
  readonly whenAway?: "pass";
  /** Workloads that are redirected to the same proxy, and what of theirs. */
  readonly groups: readonly RedirectGroup[];
}

/** Workloads whose connections go to one proxy. */
export interface RedirectGroup {
  /** The proxy's id: `"node~name"` or `"sidecar~namespace/name"`. */
  readonly proxy: string;
  /** Whose connections they are. */
  readonly workloads: readonly RedirectedWorkload[];
  /** Sorted by address, port and protocol. */
  readonly entries: readonly RedirectEntry[];
  /**
   * Where TCP connections that come in to the workload are to go, if its proxy is a sidecar: a port of the workload's own, and the
   * listener that must be ready. Not what a redirect of connections at their source does.
   */
  readonly inbound?: { readonly port: number; readonly listener: string };
}

/** Whose connections are redirected. */
export interface RedirectedWorkload {
  /** `"namespace/name"`. */
  readonly name: string;
  /** Its IP addresses. */
  readonly addresses: readonly string[];
  /** Where its network namespace is found on the node; undefined: not known. */
  readonly networkNamespace?: string;
  /** The path of its cgroup, below the mount; undefined: not known. */
  readonly cgroup?: string;
}

/** One destination, and where connections to it go instead. */
export interface RedirectEntry {
  /** The virtual IP. */
  readonly address: string;
  /** The port that was dialed. */
  readonly port: number;
  /** The protocol that was dialed. */
  readonly protocol: "tcp" | "udp";
  /** The service, `"namespace/name"`. */
  readonly service: string;
  /** Where the proxy listens, of the same family as the address. A loopback address is the workload's own. */
  readonly to: { readonly address: string; readonly port: number };
  /** The listeners of the proxy that must be ready before this entry is in force, and until it no more is. */
  readonly listeners: readonly string[];
  /** Whether the callers may not see the service: the proxy closes their connections. */
  readonly closed?: true;
}

/** The plan of a node. */
export function redirectPlan(node: string, input: ViewInput): RedirectPlan {
  costs.plans++;
  const { index } = input;
  const shared: MeshProxy = { kind: "node", node };
  const groups: RedirectGroup[] = [];
  const onNode = carried(shared, input);
  if (onNode.length > 0) groups.push(group(shared, onNode, input));
  const own = [...index.onNode.get(node)].sort().flatMap((name) => {
    const workload = index.workloads.get(name);
    if (workload === undefined || !isEnrolled(workload, index.settings)) return [];
    return topologyOf(workload, index.settings) === "sidecar" ? [workload] : [];
  });
  for (const workload of own) groups.push(group({ kind: "sidecar", workload: fullName(workload) }, [workload], input));
  if (index.settings?.spec.whenProxyAway !== "pass") return { node, generation: hash(groups), groups };
  return { node, generation: hash(groups, "pass"), whenAway: "pass", groups };
}

function group(proxy: MeshProxy, workloads: readonly Workload[], input: ViewInput): RedirectGroup {
  const all = { proxy: proxyId(proxy), workloads: workloads.map(redirected), entries: entriesOf(proxy, input) };
  if (proxy.kind === "node") return all;
  const { inbound: port } = proxyPorts(input.index.settings);
  return { ...all, inbound: { port, listener: inboundListenerName(proxy.workload) } };
}

function redirected(workload: Workload): RedirectedWorkload {
  const { addresses, networkNamespace, cgroup } = workload.spec;
  return {
    name: fullName(workload),
    addresses,
    ...(networkNamespace === undefined ? {} : { networkNamespace }),
    ...(cgroup === undefined ? {} : { cgroup }),
  };
}

/** Proxies that listen at the same addresses and whose callers see the same share one list. */
function entriesOf(proxy: MeshProxy, input: ViewInput): readonly RedirectEntry[] {
  const sight = sightOf(proxy, input);
  const addresses = listenAddresses(proxy, input.index);
  const key = addresses.join(" ");
  let entries = sight.entries.get(key);
  if (entries === undefined) {
    entries = buildEntries(sight, addresses, input);
    sight.entries.set(key, entries);
  }
  return entries;
}

function buildEntries(sight: Sight, addresses: readonly string[], input: ViewInput): RedirectEntry[] {
  costs.entries++;
  const { index, built, udpPorts } = input;
  const { redirect } = proxyPorts(index.settings);
  const listen = new Map(addresses.map((address) => [isIP(address), address]));
  const found: RedirectEntry[] = [];
  const add = (port: ServicePort, closed: boolean) => {
    for (const address of port.addresses) {
      const at = listen.get(isIP(address));
      const bound = port.protocol === "udp" ? udpPorts.get(port.cluster) : redirect;
      // Nothing listens for datagrams that are to be dropped, and nothing for a family that the node does not have.
      if (at === undefined || bound === undefined || (closed && port.protocol === "udp")) continue;
      found.push({
        address: canonicalAddress(address),
        port: port.port,
        protocol: port.protocol === "udp" ? "udp" : "tcp",
        service: port.service,
        to: { address: canonicalAddress(at), port: bound },
        listeners:
          port.protocol === "udp"
            ? [udpListenerName(at, bound)]
            : [redirectListenerName(at, redirect), ...(closed ? [] : [virtualListenerName(address, port.port)])],
        ...(closed ? { closed } : {}),
      });
    }
  };
  for (const service of sight.services) for (const port of built.get(service)?.names.ports ?? []) add(port, false);
  for (const service of sight.guarded) for (const port of built.get(service)?.names.ports ?? []) add(port, true);
  return found.sort(byDestination);
}

const hashes = new WeakMap<readonly RedirectEntry[], string>();

function hash(groups: readonly RedirectGroup[], ...more: readonly string[]): string {
  const parts = groups.map(({ proxy, workloads, entries, inbound }) => {
    let known = hashes.get(entries);
    if (known === undefined) {
      known = hashText(JSON.stringify(entries));
      hashes.set(entries, known);
    }
    return [proxy, workloads, known, inbound];
  });
  return hashText(JSON.stringify([...parts, ...more]));
}

const hashText = (text: string): string => createHash("sha256").update(text).digest("base64url").slice(0, 22);
