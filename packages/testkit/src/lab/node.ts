import { isIP } from "node:net";
import { TestkitError } from "../error.js";
import { makeNodeCgroups, makePodCgroup, type NodeCgroups } from "./cgroups.js";
import { madeWith } from "./checks.js";
import { createPlace, type LabPlace, type OwnedPlace } from "./place.js";
import { type InboundRedirect, inboundRedirector, redirectBaseScript } from "./redirect.js";
import { shell } from "./shell.js";
import { type NodeWiring, nodeScript, podScript } from "./wiring.js";

/** What a node or a pod is made with. */
export interface PlaceOptions {
  /** Its IP addresses, used nowhere else in the lab; the first of each family is its primary one. */
  readonly addresses: readonly string[];
}

/** What a pod is made with. */
export interface PodOptions extends PlaceOptions {
  /**
   * Whether the lab's virtual ranges end in the pod already: connecting or sending there fails at once, with `EINVAL`. That
   * shows what a redirection in the kernel's connect (eBPF) has missed; one with iptables, `redirect` of pod and node, does
   * not work then. Default false: they end at the node, without an answer.
   */
  readonly blackhole?: boolean;
}

/** A pod: a network namespace that reaches everything through its node. */
export interface LabPod extends LabPlace {
  /**
   * Sends TCP connections that arrive at some ports to another port of the pod; undefined ends that. Connections that are
   * open stay as they are. Throws TestkitError `invalid-argument`, `lab-failed`.
   */
  redirectInbound(inbound: InboundRedirect | undefined): Promise<void>;
}

/** A node: a network namespace that forwards between its pods and the other nodes. */
export interface LabNode extends LabPlace {
  /**
   * Path of a control group below that of the node, for an Envoy that the pods share: `startEnvoy({ cgroup })`. Throws
   * TestkitError `invalid-argument` in a lab without `cgroups`.
   */
  readonly envoyCgroup: string;
  /** Makes a pod on this node. Throws TestkitError `invalid-argument`, `lab-failed`. */
  pod(name: string, options: PodOptions): Promise<LabPod>;
}

/** What the places of one lab share. */
export interface Lab {
  readonly virtualRanges: readonly string[];
  readonly fabric: string;
  /** Path of the lab's control group, if it has one. */
  readonly cgroup: string | undefined;
  readonly owned: OwnedPlace[];
  /** Takes a name and addresses; returns the name of the namespace. */
  claim(name: string, addresses: readonly string[]): string;
  /** Makes something unless the lab is closed, and lets it be finished before it is. */
  tracked<T>(make: () => Promise<T>): Promise<T>;
}

/** Makes a node. `link` is the name for the fabric's end of its link. */
export async function createNode(lab: Lab, name: string, { addresses }: PlaceOptions, link: string): Promise<LabNode> {
  const netns = lab.claim(name, addresses);
  const { fabric, virtualRanges } = lab;
  const wiring = { netns, fabric, link, addresses, virtualRanges };
  const cgroups = lab.cgroup === undefined ? undefined : makeNodeCgroups(lab.cgroup, name);
  await shell(`making node ${name}`, nodeScript(wiring) + redirectBaseScript(netns));
  const owned = createPlace(name, { netns, cgroup: cgroups?.node }, addresses, "PREROUTING");
  lab.owned.push(owned);
  let links = 0;
  return {
    ...owned.place,
    get cgroup() {
      return madeWith("cgroups", cgroups?.node);
    },
    get envoyCgroup() {
      return madeWith("cgroups", cgroups?.envoy);
    },
    pod: (podName, options) =>
      lab.tracked(() => {
        links += 1;
        return createPod(lab, { wiring, cgroups }, podName, options, `pod${links}`);
      }),
  };
}

async function createPod(
  lab: Lab,
  node: { readonly wiring: NodeWiring; readonly cgroups: NodeCgroups | undefined },
  name: string,
  { addresses, blackhole = false }: PodOptions,
  link: string,
): Promise<LabPod> {
  const { wiring, cgroups } = node;
  const lost = addresses.find((address) => !wiring.addresses.some((other) => isIP(other) === isIP(address)));
  if (lost !== undefined && isIP(lost) !== 0) {
    const message = `pod ${name} has the address ${lost}, but its node has none of that family: give the node one`;
    throw new TestkitError("invalid-argument", message, { address: lost });
  }
  const netns = lab.claim(name, addresses);
  const cgroup = cgroups === undefined ? undefined : makePodCgroup(cgroups.node, name);
  const blackholes = blackhole ? lab.virtualRanges : [];
  const script = podScript({ netns, addresses, node: wiring, link, blackholes });
  await shell(`making pod ${name}`, script + redirectBaseScript(netns));
  const owned = createPlace(name, { netns, cgroup }, addresses, "OUTPUT");
  lab.owned.push(owned);
  return {
    ...owned.place,
    get cgroup() {
      return madeWith("cgroups", cgroup);
    },
    redirectInbound: inboundRedirector(netns),
  };
}
