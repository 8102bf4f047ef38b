import { hasLabels } from "../compile/source.js";
import { type MeshSettings, namespaceOf, type Workload } from "../model/document.js";

/** Who carries a workload's connections. */
export type Topology = "sidecar" | "node";

/** The label by which a workload keeps a topology of its own. */
export const TOPOLOGY_LABEL = "rxds.dev/topology";

/** Who carries the connections of an enrolled workload. */
export function topologyOf(workload: Workload, settings: MeshSettings | undefined): Topology {
  const own = workload.metadata.labels?.[TOPOLOGY_LABEL];
  if (own === "sidecar" || own === "node") return own;
  return settings?.spec.topology ?? "node";
}

/** Whether a workload takes part in the mesh. One that shares its node's network never does. */
export function isEnrolled(workload: Workload, settings: MeshSettings | undefined): boolean {
  if (workload.spec.hostNetwork === true) return false;
  return (settings?.spec.enrol ?? []).some(
    ({ namespaces, selector }) =>
      (namespaces === undefined || namespaces.includes(namespaceOf(workload))) &&
      hasLabels(workload, selector?.matchLabels),
  );
}

/** The ports that proxies listen on. */
export function proxyPorts(settings: MeshSettings | undefined) {
  const { redirect = 15_001, inbound = 15_006, udp = { from: 15_100, to: 16_099 } } = settings?.spec.ports ?? {};
  return { redirect, inbound, udp };
}
