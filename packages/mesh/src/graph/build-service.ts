import { createResource, type Resource, typeUrls } from "@rxds/core";
import { portCluster } from "../compile/cluster.js";
import { type Backing, localityOf, portEndpoints } from "../compile/endpoints.js";
import { hashPolicy } from "../compile/hash-policy.js";
import { hostPort, routesName } from "../compile/names.js";
import { type MeshProblem, reportAt } from "../compile/problem.js";
import { portRoutes } from "../compile/routes.js";
import { isHttp, type ServicePort, servicePorts } from "../compile/service-port.js";
import { virtualListener } from "../compile/virtual-listener.js";
import { documentKey, type Service, type TrafficPolicy } from "../model/document.js";
import type { MeshIndex } from "./mesh-index.js";

/** What a proxy must see in order to serve a service to its callers. */
export interface ServiceNames {
  readonly listeners: readonly string[];
  readonly routes: readonly string[];
  /** Its own clusters, and those that its routes lead to. Each has endpoints of the same name. */
  readonly clusters: readonly string[];
  /** Its ports that clients can dial. */
  readonly ports: readonly ServicePort[];
}

/** What was built for one service. */
export interface BuiltService {
  readonly names: ServiceNames;
  readonly resources: readonly Resource[];
  readonly problems: readonly MeshProblem[];
}

/** The clusters, listeners and routes of a service. One that cannot be built is left out, and reported. */
export function buildService(service: Service, index: MeshIndex): BuiltService {
  try {
    return build(service, index);
  } catch (error) {
    const message = `cannot be built with what there is about it: ${error instanceof Error ? error.message : error}`;
    const names = { listeners: [], routes: [], clusters: [], ports: [] };
    return { names, resources: [], problems: [{ document: documentKey(service), path: "", message }] };
  }
}

function build(service: Service, index: MeshIndex): BuiltService {
  const problems: MeshProblem[] = [];
  const resources: Resource[] = [];
  const clusters = new Set<string>();
  const ports = servicePorts(service);
  const report = (problem: MeshProblem) => problems.push(problem);
  const name = ports[0]!.service;
  const policies = index.policiesOf(name);
  const { settings } = index;
  for (const port of ports) {
    resources.push(createResource(portCluster(port, policyFor(port, index, report), settings)));
    clusters.add(port.cluster);
  }
  const dialed = ports.map((port) => ({ ...port, addresses: ownAddresses(service, port, index, report) }));
  for (const port of dialed) {
    if (port.addresses.length === 0 || port.protocol === "udp") continue;
    for (const address of port.addresses) {
      resources.push(createResource(virtualListener(port, address, policies, settings)));
    }
    if (!isHttp(port)) continue;
    const routes = createResource(
      portRoutes(routesName(port.addresses[0]!, port.port), {
        port,
        documents: index.routesOf(name),
        policies,
        settings,
        find: (wanted, number, from) => findPort(index, wanted, number, from),
        hash: (cluster) => hashOf(cluster, index),
        report: (document, path, message) => reportAt(report, documentKey(document))(path, message),
      }),
    );
    resources.push(routes);
    for (const { type, name: cluster } of routes.references ?? []) if (type === typeUrls.cluster) clusters.add(cluster);
  }
  for (const { type, name: bad, problems: found } of resources) {
    // Beside the good ones of others it would refuse the whole configuration.
    const [first] = found ?? [];
    if (first !== undefined) throw new Error(`${type} ${bad}: ${first.path} ${first.message}`);
  }
  const namesOf = (type: string) => resources.filter((one) => one.type === type).map((one) => one.name);
  return {
    names: {
      listeners: namesOf(typeUrls.listener),
      routes: namesOf(typeUrls.routes),
      clusters: [...clusters].sort(),
      ports: dialed,
    },
    resources,
    problems: distinct(problems),
  };
}

/** The endpoints of all ports of a service. */
export function buildEndpoints(service: Service, index: MeshIndex): Resource[] {
  const ports = servicePorts(service);
  const backings: Backing[] = [];
  for (const name of index.members.workloadsOf(ports[0]!.service)) {
    const workload = index.workloads.get(name);
    if (workload !== undefined) backings.push({ workload, locality: localityOf(index.nodes.get(workload.spec.node)) });
  }
  return ports.map((port) => createResource(portEndpoints(port, backings, policyFor(port, index))));
}

function hashOf(cluster: string, index: MeshIndex) {
  const name = cluster.slice(0, cluster.lastIndexOf(":"));
  const service = index.services.get(name);
  const port = service && servicePorts(service).find((one) => one.cluster === cluster);
  return port && hashPolicy(policyFor(port, index));
}

/** The policy for a port: one that names the port before one for all, then the first by name. */
function policyFor(
  port: ServicePort,
  index: MeshIndex,
  report?: (problem: MeshProblem) => void,
): TrafficPolicy | undefined {
  const fits = [...index.trafficPolicies.get(port.service)]
    .filter(({ spec }) => spec.ports === undefined || spec.ports.includes(port.port))
    .sort(
      (a, b) =>
        Number(a.spec.ports === undefined) - Number(b.spec.ports === undefined) ||
        (documentKey(a) < documentKey(b) ? -1 : 1),
    );
  const [first, second] = fits;
  const same = (first?.spec.ports === undefined) === (second?.spec.ports === undefined);
  if (second !== undefined && same && report !== undefined) {
    const message = `${documentKey(first!)} is about port ${port.port} of ${port.service} already; this one is left out`;
    report({ document: documentKey(second), path: "spec.service", message });
  }
  return first;
}

/** The virtual IPs of a port that no other service has. */
function ownAddresses(
  service: Service,
  port: ServicePort,
  index: MeshIndex,
  report: (problem: MeshProblem) => void,
): string[] {
  return port.addresses.filter((address) => {
    const owner = index.claims.ownerOf(address, port);
    if (owner === port.service) return true;
    const message = `${hostPort(address, port.port)} belongs to Service ${owner} already; it is left out here`;
    report({ document: documentKey(service), path: "spec.addresses", message });
    return false;
  });
}

/** The port of a service that is meant: the one that is written, the one of the same number, or the only one. */
function findPort(index: MeshIndex, name: string, number: number | undefined, from: ServicePort) {
  const service = index.services.get(name);
  if (service === undefined) return undefined;
  const ports = servicePorts(service);
  if (number !== undefined) return ports.find(({ port }) => port === number);
  return ports.find(({ port }) => port === from.port) ?? (ports.length === 1 ? ports[0] : undefined);
}

/** The same is reported for each match of a rule, and each port. */
function distinct(problems: readonly MeshProblem[]): MeshProblem[] {
  return [...new Map(problems.map((one) => [`${one.document} ${one.path} ${one.message}`, one])).values()];
}
