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
import type { Sight, SightNames, Sights } from "./sight.js";
import { isEnrolled, proxyPorts, topologyOf } from "./topology.js";
import type { CallerView, Visibility } from "./visibility.js";

/** What the names of a proxy's resources are found from. */
export interface ViewInput {
  readonly index: MeshIndex;
  readonly visibility: Visibility;
  readonly sights: Sights;
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

/** What the callers of a proxy see together. */
export function sightOf(proxy: MeshProxy, input: ViewInput): Sight {
  return input.sights.of(callerViews(proxy, input));
}

/** The names of what a proxy is shown because of what it is, whatever its callers see. */
export function fixedNames(proxy: MeshProxy, { index }: ViewInput) {
  const { redirect } = proxyPorts(index.settings);
  const listeners = listenAddresses(proxy, index).map((address) => redirectListenerName(address, redirect));
  if (proxy.kind === "node") return { listeners, routes: [], clusters: [] };
  const routes = portsOf(proxy.workload, index).flatMap((port) => inboundRoutesOf(port) ?? []);
  return { listeners: [...listeners, inboundListenerName(proxy.workload)], routes, clusters: [INBOUND_CLUSTER] };
}

/**
 * The names of what a proxy is shown of the shared resources. Names may come twice.
 *
 * @param names What is behind the services that it serves.
 */
export function proxyScope(proxy: MeshProxy, names: readonly SightNames[], input: ViewInput): Scope {
  const { index, udpPorts } = input;
  const fixed = fixedNames(proxy, input);
  const addresses = listenAddresses(proxy, index);
  const udp = names
    .flatMap((some) => some.udp)
    .flatMap((cluster) => {
      const port = udpPorts.get(cluster);
      return port === undefined ? [] : addresses.map((address) => udpListenerName(address, port));
    });
  return {
    [typeUrls.listener]: chain(fixed.listeners, udp, ...names.map(({ listeners }) => listeners)),
    [typeUrls.routes]: chain(fixed.routes, ...names.map(({ routes }) => routes)),
    [typeUrls.cluster]: chain(fixed.clusters, ...names.map(({ clusters }) => clusters)),
    [typeUrls.endpoints]: chain(...names.map(({ clusters }) => clusters)),
  };
}

/** Lists one after the other, without a copy of them. */
export function chain(...lists: readonly Iterable<string>[]): Iterable<string> {
  return {
    *[Symbol.iterator]() {
      for (const list of lists) yield* list;
    },
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
