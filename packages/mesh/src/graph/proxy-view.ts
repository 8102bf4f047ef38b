import { isIP } from "node:net";
import { createSnapshot, type Scope, type Snapshot, typeUrls } from "@rxds/core";
import { inboundRoutesOf } from "../compile/inbound.js";
import { INBOUND_CLUSTER, inboundListenerName, redirectListenerName, udpListenerName } from "../compile/names.js";
import { type Caller, singleSourceConfigs, sourceConfigs } from "../compile/source-filters.js";
import type { Workload } from "../model/document.js";
import type { BuiltService } from "./build-service.js";
import { LOOPBACK, portsOf } from "./build-sidecar.js";
import { costs } from "./costs.js";
import type { MeshIndex } from "./mesh-index.js";
import type { MeshProxy } from "./proxy.js";
import { isEnrolled, proxyPorts, topologyOf } from "./topology.js";
import type { CallerView, Visibility } from "./visibility.js";

/** What the names of a proxy's resources are found from. */
export interface ViewInput {
  readonly index: MeshIndex;
  readonly visibility: Visibility;
  readonly built: ReadonlyMap<string, BuiltService>;
  /** The port of the listener for each UDP port of a service, by the service's cluster. */
  readonly udpPorts: ReadonlyMap<string, number>;
}

/** Whether the mesh knows what a proxy is for. */
export function exists(proxy: MeshProxy, { index }: ViewInput): boolean {
  return proxy.kind === "sidecar" ? index.workloads.has(proxy.workload) : index.nodes.has(proxy.node);
}

/** The workloads that a proxy carries connections of, as the mesh wants it now. */
export function carried(proxy: MeshProxy, { index }: ViewInput): Workload[] {
  const names = proxy.kind === "sidecar" ? [proxy.workload] : [...index.onNode.get(proxy.node)].sort();
  const workloads = names.flatMap((name) => index.workloads.get(name) ?? []);
  // A sidecar serves its workload as long as it runs, whoever else could.
  if (proxy.kind === "sidecar") return workloads;
  return workloads.filter(
    (workload) => isEnrolled(workload, index.settings) && topologyOf(workload, index.settings) === "node",
  );
}

/** What the callers of a proxy see, once for each class of callers. */
export function callerViews(proxy: MeshProxy, input: ViewInput): CallerView[] {
  return [...new Set(carried(proxy, input).map((workload) => input.visibility.of(workload)))];
}

/** Where a proxy takes redirected connections: one address of each family. */
export function listenAddresses(proxy: MeshProxy, index: MeshIndex): string[] {
  if (proxy.kind === "sidecar") return [...LOOPBACK];
  const all = index.nodes.get(proxy.node)?.spec.addresses ?? [];
  return [4, 6].flatMap((family) => all.find((address) => isIP(address) === family) ?? []);
}

/** The services that the callers of a proxy see. */
export function servicesOf(proxy: MeshProxy, input: ViewInput): Set<string> {
  const services = new Set<string>();
  for (const view of callerViews(proxy, input)) for (const service of view.services) services.add(service);
  return services;
}

/** The names of what a proxy is shown of the shared resources when it serves some services. */
export function proxyScope(proxy: MeshProxy, services: Iterable<string>, input: ViewInput): Scope {
  costs.scopes++;
  const { index, built, udpPorts } = input;
  const addresses = listenAddresses(proxy, index);
  const { redirect } = proxyPorts(index.settings);
  const listeners = new Set(addresses.map((address) => redirectListenerName(address, redirect)));
  const routes = new Set<string>();
  const clusters = new Set<string>();
  for (const service of services) {
    const names = built.get(service)?.names;
    if (names === undefined) continue;
    for (const name of names.listeners) listeners.add(name);
    for (const name of names.routes) routes.add(name);
    for (const name of names.clusters) clusters.add(name);
    for (const { cluster, protocol } of names.ports) {
      const port = protocol === "udp" ? udpPorts.get(cluster) : undefined;
      if (port !== undefined) for (const address of addresses) listeners.add(udpListenerName(address, port));
    }
  }
  const endpoints = [...clusters];
  if (proxy.kind === "sidecar") {
    listeners.add(inboundListenerName(proxy.workload));
    clusters.add(INBOUND_CLUSTER);
    for (const port of portsOf(proxy.workload, index)) {
      const name = inboundRoutesOf(port);
      if (name !== undefined) routes.add(name);
    }
  }
  return {
    [typeUrls.listener]: listeners,
    [typeUrls.routes]: routes,
    [typeUrls.cluster]: clusters,
    [typeUrls.endpoints]: endpoints,
  };
}

/** What only this proxy is shown: who its callers are. */
export function ownResources(proxy: MeshProxy, { index }: ViewInput): Snapshot {
  costs.sources++;
  const caller = (workload: Workload, name: string): Caller => ({
    workload,
    service: [...index.members.servicesOf(name)].sort()[0],
  });
  if (proxy.kind === "sidecar") {
    const workload = index.workloads.get(proxy.workload);
    return createSnapshot(workload === undefined ? [] : singleSourceConfigs(caller(workload, proxy.workload)));
  }
  // All of the node, also who is not enrolled (any more): their connections may still be there.
  const callers = [...index.onNode.get(proxy.node)].sort().flatMap((name) => {
    const workload = index.workloads.get(name);
    return workload === undefined || workload.spec.hostNetwork === true ? [] : [caller(workload, name)];
  });
  return createSnapshot(sourceConfigs(callers));
}
