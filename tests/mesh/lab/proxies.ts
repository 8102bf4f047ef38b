import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Mesh, planRedirects } from "@rxds/mesh";
import { type Envoy, type LabNode, type LabPod, retireEnvoy, startEnvoy } from "@rxds/testkit";

/** The Envoys of a mesh: those that its redirect plans speak of. */
export class Proxies {
  readonly #running = new Map<string, Envoy>();
  readonly #kept = new Set<string>();

  constructor(
    readonly ads: string,
    readonly nodes: ReadonlyMap<string, LabNode>,
    readonly pods: ReadonlyMap<string, LabPod>,
    /** Whether they are in control groups of their own. */
    readonly cgroups = false,
  ) {}

  get(id: string): Envoy {
    const envoy = this.#running.get(id);
    if (envoy === undefined) throw new Error(`${id} does not run; there are ${[...this.#running.keys()].join(", ")}`);
    return envoy;
  }

  get running(): ReadonlyMap<string, Envoy> {
    return this.#running;
  }

  /** Starts what a mesh asks for and does not run. */
  async start(mesh: Mesh): Promise<void> {
    const missing = wanted(mesh).filter((id) => !this.#running.has(id));
    // Many at once would keep each other from starting in time.
    for (let i = 0; i < missing.length; i += 4) {
      await Promise.all(missing.slice(i, i + 4).map((id) => this.#start(id)));
    }
  }

  /** Lets a proxy run while something is done, whether the mesh asks for it or not. */
  async keep(id: string, action: () => Promise<void>): Promise<void> {
    this.#kept.add(id);
    try {
      await action();
    } finally {
      this.#kept.delete(id);
    }
  }

  /** Ends what a mesh does not ask for, each as soon as it carries nothing. */
  async stopOthers(mesh: Mesh): Promise<void> {
    const keep = new Set([...wanted(mesh), ...this.#kept]);
    await Promise.all([...this.#running.keys()].filter((id) => !keep.has(id)).map((id) => this.#retire(id)));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((envoy) => envoy.stop({ deadlineMs: 2000 })));
    this.#running.clear();
  }

  async #start(id: string): Promise<void> {
    const [kind, name = ""] = id.split("~");
    const place = kind === "node" ? this.nodes.get(name) : this.pods.get(name);
    if (place === undefined) throw new Error(`there is no place for ${id}`);
    const cgroup = this.cgroups ? envoyCgroup(place) : undefined;
    const envoy = await startEnvoy({
      netns: place.netns,
      ...(cgroup === undefined ? {} : { cgroup }),
      ads: this.ads,
      node: { id, cluster: "mesh" },
      args: ["--drain-strategy", "immediate"],
      drainTimeSeconds: 2,
    });
    this.#running.set(id, envoy);
  }

  async #retire(id: string): Promise<void> {
    await retireEnvoy(this.get(id));
    this.#running.delete(id);
  }
}

/** The control group for the Envoy of a node, or the sidecar of a pod. */
export function envoyCgroup(place: LabNode | LabPod): string {
  if ("envoyCgroup" in place) return place.envoyCgroup;
  const path = join(place.cgroup, "envoy");
  mkdirSync(path, { recursive: true });
  return path;
}

/** The proxies that a mesh's redirect plans lead to. */
function wanted(mesh: Mesh): string[] {
  const nodes = [...mesh.documents.values()].filter(({ kind }) => kind === "Node");
  return nodes.flatMap(({ metadata }) => planRedirects(mesh, metadata.name).groups.map(({ proxy }) => proxy));
}
