import type { RedirectPlan } from "@rxds/mesh/plan";
import type { Listening, Places } from "../kernel/kernel.js";
import { addressBytes } from "../layout/address.js";
import type { SinkProblem } from "./problem.js";
import { Turns } from "./turns.js";

/** A door at whose sockets connections waited, and no fewer at each look, for so long is not answered, in milliseconds. */
const STUCK_AFTER_MS = 2000;

/** Where a proxy is to listen for TCP connections that are redirected. */
export interface Door {
  readonly proxy: string;
  readonly networkNamespace: string;
  readonly address: Uint8Array;
  readonly text: string;
  readonly port: number;
}

/** How proxies are. */
export interface ProxyHealth {
  /** The proxies that do not listen, or do not accept. */
  readonly away: ReadonlySet<string>;
  readonly problems: readonly SinkProblem[];
}

/** The doors of a plan: each address and port that TCP entries lead to, once. One on a loopback address is in its workload's namespace. */
export async function doorsOf(plan: RedirectPlan, hostNetworkNamespace: string): Promise<Door[]> {
  const doors = new Map<string, Door>();
  const turns = new Turns();
  for (const { proxy, entries, workloads } of plan.groups) {
    for (const { protocol, to } of entries) {
      if (turns.over) await turns.pause();
      const key = `${proxy} ${to.address} ${to.port}`;
      if (protocol !== "tcp" || doors.has(key)) continue;
      const address = addressBytes(to.address);
      const own = isLoopback(address);
      const networkNamespace = own ? workloads[0]?.networkNamespace : hostNetworkNamespace;
      // Of a workload that is known by its cgroup alone nobody knows where that is.
      if (networkNamespace === undefined) continue;
      doors.set(key, { proxy, networkNamespace, address, text: to.address, port: to.port });
    }
  }
  return [...doors.values()];
}

function isLoopback(address: Uint8Array): boolean {
  if (address[10] === 0xff && address[12] === 127) return true;
  return address[15] === 1 && address.subarray(0, 15).every((byte) => byte === 0);
}

/** Connections that wait at a door. */
interface Queue {
  readonly since: number;
  readonly waiting: number;
}

/** Looks again and again whether proxies listen and accept. */
export class ProxyWatch {
  /** Since when connections wait at a door, and how many at the last look. */
  #queues: ReadonlyMap<string, Queue> = new Map();
  /** Cgroups that are known to be covered. */
  #covered: ReadonlySet<bigint> = new Set();
  /** Whether the tree of cgroups was looked at in this look. */
  #looked = false;

  constructor(
    readonly places: Places,
    /** The folder of the cgroup that programs cover. */
    readonly cgroup: string,
  ) {}

  /**
   * One look at all doors.
   *
   * @param now in milliseconds, of a clock that never goes back
   */
  async look(doors: readonly Door[], now = performance.now()): Promise<ProxyHealth> {
    const away = new Set<string>();
    const problems: SinkProblem[] = [];
    this.#looked = false;
    const queues = new Map<string, Queue>();
    const listening = new Map<string, readonly Listening[] | undefined>();
    const turns = new Turns();
    for (const door of doors) {
      if (turns.over) await turns.pause();
      const path = door.networkNamespace;
      if (!this.#isLocal(door)) continue;
      if (!listening.has(path)) listening.set(path, await this.places.listening(path).catch(() => undefined));
      const sockets = listening.get(path)?.filter((socket) => serves(socket, door));
      // Of a namespace that is gone nobody knows.
      if (sockets === undefined) continue;
      const key = `${path} ${door.text} ${door.port}`;
      const queue = queueAt(sockets, this.#queues.get(key), now);
      queues.set(key, queue);
      if (sockets.length === 0 || isStuck(queue, now)) away.add(door.proxy);
      const outside = sockets.find(({ cgroup }) => cgroup !== undefined && !this.#isCovered(cgroup));
      if (outside !== undefined) {
        const message = `${door.proxy}: its listener ${door.text} port ${door.port} was made outside of ${this.cgroup}, so it never learns what was dialed: start the proxy inside (a listener stays in the cgroup in which it was made)`;
        problems.push({ kind: "uncovered", message });
      }
    }
    this.#queues = queues;
    return { away, problems };
  }

  /** Whether a cgroup is covered. The tree is looked at only for one that is not known, and once in each look. */
  #isCovered(id: bigint): boolean {
    if (this.#covered.has(id) || this.cgroup === this.places.cgroupRoot()) return true;
    if (!this.#looked) {
      this.#looked = true;
      this.#covered = this.places.cgroupsBelow(this.cgroup);
    }
    return this.#covered.has(id);
  }

  /** What listens on another machine, or in a namespace that is gone, cannot be seen from here. */
  #isLocal({ networkNamespace, address }: Door): boolean {
    if (isLoopback(address)) return true;
    try {
      return this.places.isLocal(networkNamespace, address);
    } catch {
      return false;
    }
  }
}

/** A proxy that accepts has its queues empty now and then, or shorter than before. */
function queueAt(sockets: readonly Listening[], before: Queue | undefined, now: number): Queue {
  const waiting = sockets.reduce((sum, socket) => sum + socket.waiting, 0);
  const moves = before === undefined || before.waiting === 0 || waiting < before.waiting;
  return { since: moves ? now : before.since, waiting };
}

const isStuck = ({ waiting, since }: Queue, now: number) => waiting > 0 && now - since >= STUCK_AFTER_MS;

function serves({ address, port }: Listening, door: Door): boolean {
  return port === door.port && (address.every((byte) => byte === 0) || isAnyV4(address) || same(address, door.address));
}

const isAnyV4 = (address: Uint8Array) => address[10] === 0xff && address.subarray(12).every((byte) => byte === 0);
const same = (a: Uint8Array, b: Uint8Array) => a.every((byte, i) => byte === b[i]);
