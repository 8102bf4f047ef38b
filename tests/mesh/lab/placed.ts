import { editMesh, type Mesh } from "@rxds/mesh";
import type { LabPod } from "@rxds/testkit";

/** The mesh with the network namespaces that its workloads have in the lab. */
export function placed(mesh: Mesh, pods: ReadonlyMap<string, LabPod>): Mesh {
  const set = [...mesh.documents.values()].flatMap((document) => {
    if (document.kind !== "Workload") return [];
    const pod = pods.get(`${document.metadata.namespace ?? "default"}/${document.metadata.name}`);
    if (pod === undefined || document.spec.networkNamespace !== undefined) return [];
    return [{ ...document, spec: { ...document.spec, networkNamespace: `/run/netns/${pod.netns}` } }];
  });
  return editMesh(mesh, { set });
}
