import { join } from "node:path";
import { TestkitError } from "../error.js";
import { bpffsPath, mountBpffs } from "./bpffs.js";
import { cgroupRoot, makeCgroup } from "./cgroups.js";
import { checkAddress, checkName, checkRange, madeWith } from "./checks.js";
import { removeAll, sweep } from "./leftovers.js";
import { labPrefix } from "./names.js";
import { createNode, type Lab, type LabNode, type PlaceOptions } from "./node.js";
import { checkRequirements } from "./requirements.js";
import { shell } from "./shell.js";
import { fabricScript } from "./wiring.js";

/** What a lab is made with. */
export interface NetLabOptions {
  /**
   * Ranges of virtual IPs, such as `"10.96.0.0/16"` or `"fd00:96::/64"`. Nobody has these addresses: each node drops what is
   * sent there and is not redirected. Default: none.
   */
  readonly virtualRanges?: readonly string[];
  /**
   * Whether every node and every pod has a control group (version 2) of its own, in which its agent and its commands run.
   * Default false.
   */
  readonly cgroups?: boolean;
  /** Whether the lab has a BPF file system of its own, for pinned maps and programs. Default false. */
  readonly bpffs?: boolean;
}

/** Nodes and pods as network namespaces, with no way to the network of the machine. */
export interface NetLab extends AsyncDisposable {
  /**
   * Path of the control group that those of all nodes are in. Throws TestkitError `invalid-argument` in a lab without
   * `cgroups`.
   */
  readonly cgroup: string;
  /** Path of the lab's BPF file system. Throws TestkitError `invalid-argument` in a lab without `bpffs`. */
  readonly bpffs: string;
  /** Makes a node, joined to all the others. Throws TestkitError `invalid-argument`, `lab-failed`. */
  node(name: string, options: PlaceOptions): Promise<LabNode>;
  /** Ends all that runs in the lab's namespaces and control groups, and removes them and the BPF file system. */
  close(): Promise<void>;
}

/**
 * Makes a lab. Needs Linux, the capabilities `CAP_NET_ADMIN` and `CAP_SYS_ADMIN`, and the programs `ip`, `nsenter`,
 * `iptables-restore` and `ip6tables-restore`; control groups and a BPF file system need root, the latter also `mount` and
 * `umount`. What labs of processes that no longer exist left behind is removed first.
 *
 * @throws TestkitError `not-permitted`, `tool-missing`, `cgroup-missing`, `bpffs-missing`, `invalid-argument` or
 *   `lab-failed`.
 */
export async function netLab(options: NetLabOptions = {}): Promise<NetLab> {
  const { virtualRanges = [], cgroups = false, bpffs = false } = options;
  checkRequirements({ cgroups, bpffs });
  for (const range of virtualRanges) checkRange(range);
  await sweep();
  const prefix = labPrefix();
  const fabric = `${prefix}-fabric`;
  const cgroup = cgroups ? join(madeWith("cgroups", cgroupRoot()), prefix) : undefined;
  const bpffsAt = bpffs ? bpffsPath(prefix) : undefined;
  const namespaces = new Set([fabric]);
  const taken = new Set<string>();
  const making = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;
  const lab: Lab = {
    virtualRanges,
    fabric,
    cgroup,
    owned: [],
    claim(name, addresses) {
      const netns = `${prefix}-${name}`;
      checkName(name);
      for (const address of addresses) checkAddress(address);
      const twice = namespaces.has(netns) ? name : addresses.find((address) => taken.has(address));
      if (twice !== undefined) throw new TestkitError("invalid-argument", `${twice} is already taken in this lab`);
      namespaces.add(netns);
      for (const address of addresses) taken.add(address);
      return netns;
    },
    // What is being made when the lab is closed is made first: only then it can be removed.
    tracked(make) {
      if (closed !== undefined) return Promise.reject(new TestkitError("lab-failed", "the lab is closed"));
      const work = make();
      making.add(work);
      const forget = (): boolean => making.delete(work);
      work.then(forget, forget);
      return work;
    },
  };
  const remove = async (): Promise<void> => {
    await Promise.allSettled(making);
    await Promise.all(lab.owned.map((place) => place.stop()));
    await removeAll({ namespaces: [...namespaces], cgroups: listOf(cgroup), bpffs: listOf(bpffsAt) });
  };
  const close = (): Promise<void> => {
    closed ??= remove();
    return closed;
  };
  let links = 0;
  try {
    if (cgroup !== undefined) makeCgroup(cgroup);
    if (bpffsAt !== undefined) await mountBpffs(bpffsAt);
    await shell("making the fabric", fabricScript(fabric));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    get cgroup() {
      return madeWith("cgroups", cgroup);
    },
    get bpffs() {
      return madeWith("bpffs", bpffsAt);
    },
    node: (name, options) =>
      lab.tracked(() => {
        links += 1;
        return createNode(lab, name, options, `node${links}`);
      }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function listOf(path: string | undefined): string[] {
  return path === undefined ? [] : [path];
}
