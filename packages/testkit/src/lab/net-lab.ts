import { isIP } from "node:net";
import { TestkitError } from "../error.js";
import { removeNamespaces, sweep } from "./leftovers.js";
import { labPrefix } from "./names.js";
import { createPlace, type LabPlace, type OwnedPlace } from "./place.js";
import { type InboundRedirect, inboundRedirector, redirectBaseScript } from "./redirect.js";
import { checkRequirements } from "./requirements.js";
import { shell } from "./shell.js";
import { fabricScript, type NodeWiring, nodeScript, podScript } from "./wiring.js";

/** What a lab is made with. */
export interface NetLabOptions {
  /**
   * Ranges of virtual IPs, such as `"10.96.0.0/16"`. Nobody has these addresses: each node drops what is sent there and
   * is not redirected. Default: none.
   */
  readonly virtualRanges?: readonly string[];
}

/** What a node or a pod is made with. */
export interface PlaceOptions {
  /** Its IP addresses, used nowhere else in the lab; the first of each family is its primary one. */
  readonly addresses: readonly string[];
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
  /** Makes a pod on this node. Throws TestkitError `invalid-argument`, `lab-failed`. */
  pod(name: string, options: PlaceOptions): Promise<LabPod>;
}

/** Nodes and pods as network namespaces, with no way to the network of the machine. */
export interface NetLab extends AsyncDisposable {
  /** Makes a node, joined to all the others. Throws TestkitError `invalid-argument`, `lab-failed`. */
  node(name: string, options: PlaceOptions): Promise<LabNode>;
  /** Ends all that runs in the lab's namespaces, and removes them. */
  close(): Promise<void>;
}

/** What the places of one lab share. */
interface Lab {
  readonly virtualRanges: readonly string[];
  readonly fabric: string;
  readonly owned: OwnedPlace[];
  /** Takes a name and addresses; returns the name of the namespace. */
  claim(name: string, addresses: readonly string[]): string;
}

/**
 * Makes a lab. Needs Linux, the capabilities `CAP_NET_ADMIN` and `CAP_SYS_ADMIN`, and the programs `ip`, `nsenter`,
 * `iptables-restore` and `ip6tables-restore`. What labs of processes that no longer exist left behind is removed first.
 *
 * @throws TestkitError `not-permitted`, `tool-missing`, `invalid-argument` or `lab-failed`.
 */
export async function netLab({ virtualRanges = [] }: NetLabOptions = {}): Promise<NetLab> {
  checkRequirements();
  for (const range of virtualRanges) checkRange(range);
  await sweep();
  const prefix = labPrefix();
  const fabric = `${prefix}fabric`;
  const namespaces = new Set([fabric]);
  const taken = new Set<string>();
  const lab: Lab = {
    virtualRanges,
    fabric,
    owned: [],
    claim(name, addresses) {
      const netns = prefix + name;
      checkName(name);
      for (const address of addresses) checkAddress(address);
      const twice = namespaces.has(netns) ? name : addresses.find((address) => taken.has(address));
      if (twice !== undefined) throw new TestkitError("invalid-argument", `${twice} is already taken in this lab`);
      namespaces.add(netns);
      for (const address of addresses) taken.add(address);
      return netns;
    },
  };
  const making = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;
  // What is being made when the lab is closed is made first: only then it can be removed.
  const tracked: Track = (make) => {
    if (closed !== undefined) return Promise.reject(new TestkitError("lab-failed", "the lab is closed"));
    const work = make();
    making.add(work);
    const forget = (): boolean => making.delete(work);
    work.then(forget, forget);
    return work;
  };
  const remove = async (): Promise<void> => {
    await Promise.allSettled(making);
    await Promise.all(lab.owned.map((place) => place.stop()));
    await removeNamespaces([...namespaces]);
  };
  const close = (): Promise<void> => {
    closed ??= remove();
    return closed;
  };
  let links = 0;
  try {
    await shell("making the fabric", fabricScript(fabric));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    node: (name, options) =>
      tracked(() => {
        links += 1;
        return createNode(lab, name, options, `node${links}`, tracked);
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Makes something unless the lab is closed, and lets it be finished before it is. */
type Track = <T>(make: () => Promise<T>) => Promise<T>;

async function createNode(
  lab: Lab,
  name: string,
  { addresses }: PlaceOptions,
  link: string,
  tracked: Track,
): Promise<LabNode> {
  const netns = lab.claim(name, addresses);
  const { fabric, virtualRanges } = lab;
  const wiring = { netns, fabric, link, addresses, virtualRanges };
  await shell(`making node ${name}`, nodeScript(wiring) + redirectBaseScript(netns));
  const owned = createPlace(name, netns, addresses, "PREROUTING");
  lab.owned.push(owned);
  let links = 0;
  return {
    ...owned.place,
    pod: (podName, options) =>
      tracked(() => {
        links += 1;
        return createPod(lab, wiring, podName, options, `pod${links}`);
      }),
  };
}

async function createPod(
  lab: Lab,
  node: NodeWiring,
  name: string,
  { addresses }: PlaceOptions,
  link: string,
): Promise<LabPod> {
  const lost = addresses.find((address) => !node.addresses.some((other) => isIP(other) === isIP(address)));
  if (lost !== undefined && isIP(lost) !== 0) {
    const message = `pod ${name} has the address ${lost}, but its node has none of that family: give the node one`;
    throw new TestkitError("invalid-argument", message, { address: lost });
  }
  const netns = lab.claim(name, addresses);
  await shell(`making pod ${name}`, podScript({ netns, addresses, node, link }) + redirectBaseScript(netns));
  const owned = createPlace(name, netns, addresses, "OUTPUT");
  lab.owned.push(owned);
  return { ...owned.place, redirectInbound: inboundRedirector(netns) };
}

function checkName(name: string): void {
  if (/^[a-z0-9]([a-z0-9.-]{0,60}[a-z0-9])?$/.test(name)) return;
  const message = `${JSON.stringify(name)} cannot be a name: at most 62 of a-z, 0-9, "-" and "." are expected`;
  throw new TestkitError("invalid-argument", message, { name });
}

function checkAddress(address: string): void {
  if (isIP(address) !== 0) return;
  throw new TestkitError("invalid-argument", `${JSON.stringify(address)} is no IP address`, { address });
}

function checkRange(range: string): void {
  const [address = "", length = "", ...rest] = range.split("/");
  const family = isIP(address);
  if (family !== 0 && rest.length === 0 && /^\d+$/.test(length) && Number(length) <= (family === 4 ? 32 : 128)) return;
  const message = `${JSON.stringify(range)} is no range of addresses: something like "10.96.0.0/16" is expected`;
  throw new TestkitError("invalid-argument", message, { range });
}
