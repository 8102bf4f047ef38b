import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RedirectSinkOptions } from "@rxds/ebpf";
import { editMesh, type Mesh, type MeshPlane, meshPlane, proxyId } from "@rxds/mesh";
import { type Envoy, type LabNode, type LabPlaces, type LabPod, type NetLab, netLab } from "@rxds/testkit";
import { serveXds, type XdsEvent, type XdsServer } from "rxds";
import { BehaviorSubject } from "rxjs";
import { EbpfRedirects } from "./ebpf-redirects.js";
import { placed } from "./placed.js";
import { Proxies } from "./proxies.js";
import { RedirectSink } from "./redirect-sink.js";
import type { Redirects } from "./redirects.js";

/** A mesh in a lab: its nodes and pods are network namespaces, its Envoys real. */
export interface World extends AsyncDisposable {
  readonly lab: NetLab;
  readonly plane: MeshPlane;
  readonly server: XdsServer;
  readonly nodes: ReadonlyMap<string, LabNode>;
  /** By `"namespace/name"`. */
  readonly pods: ReadonlyMap<string, LabPod>;
  readonly proxies: Proxies;
  readonly places: LabPlaces;
  /** What puts plans into force. */
  readonly redirects: Redirects;
  /** What the server told, of interest when something fails. */
  readonly events: readonly XdsEvent[];
  mesh(): Mesh;
  /** Takes another mesh, and waits for nothing. */
  announce(mesh: Mesh): void;
  /** Takes another mesh, and waits until all that it asks for is in force. */
  apply(mesh: Mesh): Promise<void>;
  /** The Envoy of a proxy that runs. */
  envoy(id: string): Envoy;
}

/** What a world is made with. */
export interface WorldOptions {
  readonly virtualRanges?: readonly string[];
  /** What redirects. Default `"iptables"`. `"none"`: the test does. */
  readonly redirect?: "iptables" | "ebpf" | "none";
  /** How sinks are started. */
  readonly sink?: Partial<RedirectSinkOptions>;
  /** Whether there are control groups and a BPF file system. Default: with `"ebpf"`. */
  readonly bpf?: boolean;
}

/** Makes the nodes and pods of a mesh, its control plane, and the Envoys that its topology asks for. */
export async function startWorld(mesh: Mesh, options: WorldOptions = {}): Promise<World> {
  const {
    virtualRanges = ["10.96.0.0/16", "fd00:96::/64"],
    redirect = "iptables",
    bpf = redirect === "ebpf",
  } = options;
  const lab = await netLab({ virtualRanges, cgroups: bpf, bpffs: bpf });
  const socket = join(tmpdir(), `rxds-mesh-${randomUUID()}.sock`);
  const { nodes, pods } = await makePlaces(lab, mesh);
  const mesh$ = new BehaviorSubject(placed(mesh, pods));
  const plane = meshPlane(mesh$);
  const server = await serveXds({ address: `unix:${socket}`, ...plane });
  const events: XdsEvent[] = [];
  server.events$.subscribe((event) => {
    if (event.kind !== "sent" && event.kind !== "acked") events.push(event);
  });
  const proxies = new Proxies(`unix:${socket}`, nodes, pods, bpf);
  const places = { nodes, pods };
  const inbound = (workload: string) => inboundPorts(mesh$.value, workload);
  const redirects =
    redirect === "none"
      ? NOTHING
      : redirect === "ebpf"
        ? await EbpfRedirects.start({ plane, server, lab, places, inbound }, options.sink)
        : new RedirectSink(plane, server, places, inbound);
  const world: World = {
    lab,
    plane,
    server,
    nodes,
    pods,
    proxies,
    places,
    redirects,
    events,
    mesh: () => mesh$.value,
    envoy: (id) => proxies.get(id),
    announce: (next) => mesh$.next(placed(next, pods)),
    async apply(next) {
      // What is to carry connections runs before any are sent there, and what carried them until they are gone.
      await proxies.start(next);
      mesh$.next(placed(next, pods));
      await redirects.settled();
      await proxies.stopOthers(next);
    },
    async [Symbol.asyncDispose]() {
      await redirects.stop();
      await proxies.stop();
      plane.close();
      await server.close();
      await lab.close();
      await rm(socket, { force: true });
    },
  };
  try {
    await world.apply(mesh);
  } catch (error) {
    await world[Symbol.asyncDispose]();
    throw error;
  }
  return world;
}

const NOTHING: Redirects = { settled: async () => {}, stop: async () => {} };

async function makePlaces(lab: NetLab, mesh: Mesh) {
  const nodes = new Map<string, LabNode>();
  const pods = new Map<string, LabPod>();
  const documents = [...mesh.documents.values()];
  await Promise.all(
    documents.map(async (document) => {
      if (document.kind !== "Node") return;
      nodes.set(document.metadata.name, await lab.node(document.metadata.name, document.spec));
    }),
  );
  await Promise.all(
    documents.map(async (document) => {
      if (document.kind !== "Workload" || document.metadata.annotations?.pod === "none") return;
      const { name, namespace = "default" } = document.metadata;
      const node = nodes.get(document.spec.node)!;
      pods.set(`${namespace}/${name}`, await node.pod(`${namespace}-${name}`, document.spec));
    }),
  );
  return { nodes, pods };
}

/** The TCP ports on which a workload is called. */
export function inboundPorts({ documents }: Mesh, name: string): number[] {
  const workload = documents.get(`Workload ${name}`);
  const labels = workload?.metadata.labels ?? {};
  const ports = new Set<number>();
  for (const document of documents.values()) {
    if (document.kind !== "Service" || (document.metadata.namespace ?? "default") !== name.split("/")[0]) continue;
    const selector = Object.entries(document.spec.selector ?? {});
    if (selector.length === 0 || !selector.every(([label, value]) => labels[label] === value)) continue;
    for (const { port, targetPort = port, protocol } of document.spec.ports) {
      if (protocol !== "udp") ports.add(targetPort);
    }
  }
  return [...ports];
}

/** The mesh with another topology for all. */
export function withTopology(mesh: Mesh, topology: "sidecar" | "node"): Mesh {
  const settings = mesh.documents.get("Mesh mesh");
  if (settings?.kind !== "Mesh") throw new Error("expected a document Mesh mesh");
  return editMesh(mesh, { set: [{ ...settings, spec: { ...settings.spec, topology } }] });
}

export { proxyId };
