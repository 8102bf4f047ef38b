import { type EndpointGroup, endpoints } from "@rxds/core";
import type { ClusterLoadAssignment } from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint";
import { fullName, type Node, type TrafficPolicy, type Workload } from "../model/document.js";
import { hostPort } from "./names.js";
import type { ServicePort } from "./service-port.js";

/** Where a workload is, as far as its node says. */
export interface Locality {
  readonly region: string;
  readonly zone: string;
}

/** The locality of a node, by Kubernetes' own labels. */
export function localityOf(node: Node | undefined): Locality {
  const labels = node?.metadata.labels ?? {};
  return {
    region: labels["topology.kubernetes.io/region"] ?? "",
    zone: labels["topology.kubernetes.io/zone"] ?? "",
  };
}

/** A workload behind a service. */
export interface Backing {
  readonly workload: Workload;
  readonly locality: Locality;
}

type Preference = NonNullable<TrafficPolicy["spec"]["localities"]>[number];

/** The endpoints of a service's port: the first address of each workload behind it, in the order of their names. */
export function portEndpoints(
  port: ServicePort,
  backings: readonly Backing[],
  policy: TrafficPolicy | undefined,
): ClusterLoadAssignment {
  const preferences = policy?.spec.localities;
  const sorted = [...backings].sort((a, b) => (fullName(a.workload) < fullName(b.workload) ? -1 : 1));
  const groups = new Map<string, { group: EndpointGroup; endpoints: EndpointGroup["endpoints"][number][] }>();
  const last = Math.max(-1, ...(preferences ?? []).map(({ priority = 0 }) => priority)) + 1;
  for (const { workload, locality } of sorted) {
    const fits = preferences?.find((entry) => isIn(locality, entry));
    const priority = preferences === undefined ? 0 : (fits?.priority ?? (fits === undefined ? last : 0));
    const key = `${priority} ${locality.region} ${locality.zone}`;
    let entry = groups.get(key);
    if (entry === undefined) {
      const list: EndpointGroup["endpoints"][number][] = [];
      const weight = preferences === undefined ? {} : { weight: fits?.weight ?? 1 };
      entry = { endpoints: list, group: { locality, priority, ...weight, endpoints: list } };
      groups.set(key, entry);
    }
    entry.endpoints.push({
      address: hostPort(workload.spec.addresses[0]!, port.targetPort),
      // Is used only when no other is left.
      ...(workload.spec.ready === false ? { health: "UNHEALTHY" as const } : {}),
      // For statistics and logs. Metadata would say the same, and cost an Envoy fifty times the memory.
      hostname: fullName(workload),
    });
  }
  const list = [...groups.values()].map(({ group }) => group);
  list.sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0) || compare(a.locality!, b.locality!));
  return endpoints(port.cluster, withoutGaps(list));
}

function isIn(locality: Locality, { region, zone }: Preference): boolean {
  return (region === undefined || region === locality.region) && (zone === undefined || zone === locality.zone);
}

/** Envoy wants priorities without gaps. */
function withoutGaps(groups: readonly EndpointGroup[]): EndpointGroup[] {
  const used = [...new Set(groups.map(({ priority = 0 }) => priority))];
  return groups.map((group) => ({ ...group, priority: used.indexOf(group.priority ?? 0) }));
}

function compare(a: EndpointGroup["locality"], b: EndpointGroup["locality"]): number {
  const key = (locality: EndpointGroup["locality"]) => `${locality?.region} ${locality?.zone}`;
  return key(a) < key(b) ? -1 : 1;
}
