import type { RedirectedWorkload, RedirectPlan } from "@rxds/mesh/plan";
import { RedirectError } from "../errors.js";
import type { BpfMap, BpfMaps } from "../kernel/bpf-maps.js";
import type { Places } from "../kernel/kernel.js";
import { cookieKey } from "../layout/keys.js";
import { enrolment } from "../layout/layouts.js";
import type { Names } from "./ids.js";
import type { SinkProblem } from "./problem.js";
import { withRoom } from "./room.js";
import { Turns } from "./turns.js";

/** Who is to be enrolled: groups by cookies of network namespaces and by ids of cgroups. */
export interface WantedEnrolments {
  readonly byNetns: ReadonlyMap<bigint, number>;
  readonly byCgroup: ReadonlyMap<bigint, number>;
  /** The levels of those cgroups, as bits. */
  readonly levels: number;
  /** Whose they are. */
  readonly owners: readonly {
    readonly kind: "networkNamespace" | "cgroup";
    readonly id: bigint;
    readonly workload: string;
  }[];
  readonly problems: readonly SinkProblem[];
}

/**
 * Finds out who is to be enrolled. A workload with a cgroup is enrolled by that, else by its network namespace. One that shares
 * the node's network is not: all of the node would be enrolled with it.
 */
export async function wantedEnrolments(
  plan: RedirectPlan,
  places: Places,
  names: Names,
  hostNetns: bigint,
): Promise<WantedEnrolments> {
  const byNetns = new Map<bigint, number>();
  const byCgroup = new Map<bigint, number>();
  const owners: { kind: "networkNamespace" | "cgroup"; id: bigint; workload: string }[] = [];
  const problems: SinkProblem[] = [];
  const turns = new Turns();
  let levels = 0;
  for (const { proxy, workloads } of plan.groups) {
    for (const workload of workloads) {
      if (turns.over) await turns.pause();
      const found = placeOf(workload, places, hostNetns);
      if ("message" in found) {
        problems.push(found);
        continue;
      }
      const group = names.id("proxy", proxy);
      owners.push({ kind: found.kind, id: found.id, workload: workload.name });
      if (found.kind === "cgroup") levels |= 2 ** found.level;
      (found.kind === "cgroup" ? byCgroup : byNetns).set(found.id, group);
    }
  }
  return { byNetns, byCgroup, levels: levels >>> 0, owners, problems };
}

type Place =
  | { readonly kind: "networkNamespace"; readonly id: bigint }
  | { readonly kind: "cgroup"; readonly id: bigint; readonly level: number };

function placeOf(
  { name, networkNamespace, cgroup }: RedirectedWorkload,
  places: Places,
  hostNetns: bigint,
): Place | SinkProblem {
  try {
    if (cgroup !== undefined) {
      const { id, level } = places.cgroup(cgroup);
      if (level > 0 && level < 32) return { kind: "cgroup", id, level };
      const message = `${name}: expected a cgroup 1 to 31 levels below the root, ${cgroup} is ${level}`;
      return { kind: "no-place", message, workload: name };
    }
    if (networkNamespace === undefined) {
      const message = `${name}: expected networkNamespace or cgroup in its document: without, nobody knows whose connections are its own`;
      return { kind: "no-place", message, workload: name };
    }
    const id = places.networkNamespace(networkNamespace);
    if (id !== hostNetns) return { kind: "networkNamespace", id };
    const message = `${name}: it shares the node's network: with it all of the node would be redirected; enrol it by its cgroup, or not`;
    return { kind: "host-network", message, workload: name };
  } catch (error) {
    if (error instanceof RedirectError && error.code === "no-privilege") throw error;
    const message = `${name}: ${error instanceof Error ? error.message : String(error)}`;
    return { kind: "not-found", message, workload: name };
  }
}

/** Enrolments in the kernel, of one of the two maps, and their like in memory. */
export class Enrolments {
  readonly #groups = new Map<bigint, number>();

  constructor(
    readonly maps: BpfMaps,
    readonly map: BpfMap,
    readonly kind: "networkNamespace" | "cgroup",
  ) {}

  get groups(): ReadonlyMap<bigint, number> {
    return this.#groups;
  }

  /** Takes over what is in the kernel. */
  async read(): Promise<void> {
    const { count, keys, values } = await this.maps.dump(this.map);
    for (let i = 0; i < count; i++) {
      this.#groups.set(keys.readBigUInt64LE(8 * i), enrolment.decode(values, enrolment.size * i).group);
    }
  }

  /** Whether anybody would leave a group, or be none's any more. */
  movesAnybody(wanted: ReadonlyMap<bigint, number>): boolean {
    for (const [id, group] of this.#groups) if (wanted.get(id) !== group) return true;
    return false;
  }

  /** Enrols who is new or belongs to another group now. @throws RedirectError `full` */
  async enrol(wanted: ReadonlyMap<bigint, number>): Promise<void> {
    const turns = new Turns();
    for (const [id, group] of wanted) {
      if (turns.over) await turns.pause();
      if (this.#groups.get(id) === group) continue;
      withRoom(this.map, wanted.size, "workloads", () =>
        this.maps.update(this.map, cookieKey(id), enrolment.encode({ group })),
      );
      this.#groups.set(id, group);
    }
  }

  /** Lets go of who is not wanted any more. Returns their ids. */
  async release(wanted: ReadonlyMap<bigint, number>): Promise<bigint[]> {
    const gone = [...this.#groups.keys()].filter((id) => !wanted.has(id));
    const turns = new Turns();
    for (const id of gone) {
      this.maps.delete(this.map, cookieKey(id));
      this.#groups.delete(id);
      if (turns.over) await turns.pause();
    }
    return gone;
  }
}
