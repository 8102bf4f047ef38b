import type { RedirectPlan } from "@rxds/mesh";
import type { Listening, Places } from "../kernel/kernel.js";
import { addressBytes } from "../layout/address.js";
import type { SinkProblem } from "./problem.js";

/** A listener that stays full for so many looks does not accept. */
const STUCK_LOOKS = 4;

/** Where a proxy is to listen for TCP connections that are redirected. */
interface Door {
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
export function doorsOf(plan: RedirectPlan, hostNetworkNamespace: string): Door[] {
  const doors = new Map<string, Door>();
  for (const { proxy, entries, workloads } of plan.groups) {
    for (const { protocol, to } of entries) {
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

/** Looks again and again whether proxies listen and accept. */
export class ProxyWatch {
  /** For how many looks the queue of a door was full. */
  readonly #full = new Map<string, number>();

  constructor(
    readonly places: Places,
    /** The folder of the cgroup that programs cover. */
    readonly cgroup: string,
  ) {}

  /** One look at all doors. */
  async look(doors: readonly Door[]): Promise<ProxyHealth> {
    const away = new Set<string>();
    const problems: SinkProblem[] = [];
    const covered = this.places.cgroupsBelow(this.cgroup);
    const listening = new Map<string, readonly Listening[]>();
    for (const path of new Set(doors.map(({ networkNamespace }) => networkNamespace))) {
      listening.set(path, await this.places.listening(path).catch(() => []));
    }
    for (const door of doors) {
      const key = `${door.networkNamespace} ${door.text} ${door.port}`;
      const sockets = (listening.get(door.networkNamespace) ?? []).filter((socket) => serves(socket, door));
      const full = sockets.length > 0 && sockets.every(({ waiting, backlog }) => waiting > 0 && waiting >= backlog);
      const looks = full ? (this.#full.get(key) ?? 0) + 1 : 0;
      this.#full.set(key, looks);
      if (sockets.length === 0 || looks >= STUCK_LOOKS) away.add(door.proxy);
      const outside = sockets.find(({ cgroup }) => cgroup !== undefined && !covered.has(cgroup));
      if (outside !== undefined) {
        const message = `${door.proxy}: its listener ${door.text} port ${door.port} was made outside of ${this.cgroup}, so it never learns what was dialed: start the proxy inside (a listener stays in the cgroup in which it was made)`;
        problems.push({ kind: "uncovered", message });
      }
    }
    return { away, problems };
  }
}

function serves({ address, port }: Listening, door: Door): boolean {
  return port === door.port && (address.every((byte) => byte === 0) || isAnyV4(address) || same(address, door.address));
}

const isAnyV4 = (address: Uint8Array) => address[10] === 0xff && address.subarray(12).every((byte) => byte === 0);
const same = (a: Uint8Array, b: Uint8Array) => a.every((byte, i) => byte === b[i]);
