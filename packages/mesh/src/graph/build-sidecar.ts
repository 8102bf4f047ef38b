import { createResource, type Resource } from "@rxds/core";
import { type Authorization, guardedPort } from "../compile/authorization.js";
import { byAddress, fromAny } from "../compile/by-address.js";
import { inboundCluster } from "../compile/cluster.js";
import { type InboundPort, inboundListener, inboundPorts, inboundRoutes, inboundRoutesOf } from "../compile/inbound.js";
import { incoming } from "../compile/incoming.js";
import { redirectListener } from "../compile/redirect-listener.js";
import { servicePorts } from "../compile/service-port.js";
import { type AbsoluteSource, isSource } from "../compile/source.js";
import type { MeshIndex } from "./mesh-index.js";
import { proxyPorts } from "./topology.js";

/** Where a sidecar takes redirected connections. */
export const LOOPBACK = ["127.0.0.1", "::1"] as const;

/** What all sidecars share: where redirected connections arrive, and the way to their own workload. */
export function buildLoopback(index: MeshIndex): Resource[] {
  const { redirect } = proxyPorts(index.settings);
  return [...LOOPBACK.map((address) => redirectListener(address, redirect)), inboundCluster()].map((message) =>
    createResource(message),
  );
}

/** The ports that a workload listens on for its services. */
export function portsOf(workload: string, index: MeshIndex): InboundPort[] {
  const services = [...index.members.servicesOf(workload)].flatMap((name) => index.services.get(name) ?? []);
  return inboundPorts(services.flatMap(servicePorts));
}

/** The listener for what comes in to a workload. */
export function buildInbound(workload: string, index: MeshIndex): Resource {
  const { inbound } = proxyPorts(index.settings);
  const rules = (port: InboundPort) => incomingRules(port, index);
  return createResource(inboundListener(workload, portsOf(workload, index), inbound, rules, index.settings));
}

/** The routes for what comes in on an HTTP port. */
export function buildInboundRoutes(port: InboundPort, index: MeshIndex): Resource {
  return createResource(inboundRoutes(inboundRoutesOf(port)!, incomingRules(port, index)));
}

/** Who may come in on a port. Nodes' Envoys have asked already, for their workloads. */
function incomingRules({ ports }: InboundPort, index: MeshIndex): Authorization {
  const services = ports.map((port) => ({ port: guardedPort(port), policies: index.policiesOf(port.service) }));
  return incoming(
    services,
    byAddress((source) => addressesOf(source, index)),
    fromAny(nodeAddresses(index)),
  );
}

function addressesOf(source: AbsoluteSource, index: MeshIndex): string[] {
  const found: string[] = [];
  const add = (name: string) => {
    const workload = index.workloads.get(name);
    if (workload !== undefined && isSource(workload, source)) found.push(...workload.spec.addresses);
  };
  for (const name of source.workloads ?? index.workloads.keys()) add(name);
  return found;
}

/** The addresses of the nodes. Which of their Envoys carry connections may be about to change, so all are trusted. */
function nodeAddresses(index: MeshIndex): string[] {
  return [...index.nodes.values()].flatMap(({ spec }) => spec.addresses);
}
