import { type Envoy, type LabPlaces, retireEnvoy, startEnvoy } from "@rxds/testkit";

/** The Envoys of a mesh, by their proxy id. */
export interface Envoys extends AsyncDisposable {
  /** Those that run, sorted by id. */
  running(): Promise<ReadonlyMap<string, Envoy>>;
  /** Starts those of a node that do not run yet. */
  start(node: string, ids: readonly string[]): Promise<void>;
  /** Ends those of a node that are none of these, each as soon as it carries nothing. */
  retireOthers(node: string, ids: readonly string[]): Promise<void>;
}

/** One that runs, or is being started. */
interface Started {
  readonly node: string;
  readonly envoy: Promise<Envoy>;
  /** Resolves when it has ended, once it was asked to. */
  retired?: Promise<void>;
}

/** None at first. They get their configuration from `ads`. */
export function createEnvoys(ads: string, places: LabPlaces): Envoys {
  const started = new Map<string, Started>();
  const startOne = (node: string, id: string): Promise<Envoy> => {
    const envoy = startEnvoy({
      netns: netnsOf(id, places),
      ads,
      node: { id, cluster: "mesh" },
      // Whoever is asked to close its connection is asked at once.
      args: ["--drain-strategy", "immediate"],
      drainTimeSeconds: 2,
      // As many as there are pods may start at once.
      startTimeoutMs: 60_000,
    });
    started.set(id, { node, envoy });
    return envoy;
  };
  const retire = async (id: string, { envoy }: Started): Promise<void> => {
    await retireEnvoy(await envoy);
    started.delete(id);
  };
  return {
    async running() {
      const ids = [...started.keys()].sort();
      return new Map(await Promise.all(ids.map(async (id) => [id, await started.get(id)!.envoy] as const)));
    },
    async start(node, ids) {
      await Promise.all(
        ids.map(async (id) => {
          await started.get(id)?.retired;
          await (started.get(id)?.envoy ?? startOne(node, id));
        }),
      );
    },
    async retireOthers(node, ids) {
      const others = [...started].filter(([id, one]) => one.node === node && !ids.includes(id));
      await Promise.all(
        others.map(([id, one]) => {
          one.retired ??= retire(id, one);
          return one.retired;
        }),
      );
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(
        [...started.values()].map(async ({ envoy }) => (await envoy).stop({ deadlineMs: 2000 })),
      );
    },
  };
}

/** The network of the proxy: of its node, or of the one workload that it is for. */
function netnsOf(id: string, { nodes, pods }: LabPlaces): string {
  const [kind, name = ""] = id.split("~");
  const place = kind === "node" ? nodes.get(name) : pods.get(name);
  if (place === undefined) throw new Error(`there is no place for ${id}`);
  return place.netns;
}
