import type { Mesh, Service, Workload } from "@rxds/mesh";
import type { LabNode, LabPlaces, LabPod, NetLab } from "@rxds/testkit";

/** The port on which every workload of the mesh listens. */
export const SERVER_PORT = 8080;

/** Makes the nodes and pods that a mesh speaks of. A server in each pod answers with the pod's name. */
export async function makePlaces(lab: NetLab, mesh: Mesh): Promise<LabPlaces> {
  const documents = [...mesh.documents.values()];
  const nodes = new Map<string, LabNode>();
  for (const { kind, metadata, spec } of documents) {
    if (kind === "Node") nodes.set(metadata.name, await lab.node(metadata.name, { addresses: spec.addresses }));
  }
  const workloads = documents.filter((document) => document.kind === "Workload");
  const pods = await Promise.all(workloads.map((workload) => makePod(nodes.get(workload.spec.node)!, workload)));
  return { nodes, pods: new Map(pods) };
}

async function makePod(node: LabNode, { metadata, spec }: Workload): Promise<[name: string, pod: LabPod]> {
  const pod = await node.pod(metadata.name, { addresses: spec.addresses });
  const agent = await pod.agent();
  await agent.serveHttp({ port: SERVER_PORT, name: metadata.name });
  return [`${metadata.namespace}/${metadata.name}`, pod];
}

/** The virtual IP of a service. */
export function virtualIp(mesh: Mesh, name: string): string {
  const service = mesh.documents.get(`Service ${name}`) as Service | undefined;
  const address = service?.spec.addresses?.[0];
  if (address === undefined) throw new Error(`${name} has no address`);
  return address;
}
