import { absoluteSources, isSource } from "../compile/source.js";
import {
  type AuthorizationPolicy,
  absoluteName,
  documentKey,
  type EgressScope,
  fullName,
  type MeshDocument,
  type MeshSettings,
  type Node,
  namespaceOf,
  type Route,
  type Service,
  type TrafficPolicy,
  type Workload,
} from "../model/document.js";
import { Claims } from "./claims.js";
import { Dirt } from "./dirt.js";
import { Memberships } from "./memberships.js";
import { leadsTo, namedCallers, namedServices } from "./mentions.js";
import { MultiMap } from "./multi-map.js";
import { settingsDirt } from "./settings-dirt.js";

/**
 * The documents of a mesh, found by what they are about. Each change costs what depends on it, and marks it as dirty.
 */
export class MeshIndex {
  settings: MeshSettings | undefined;
  readonly nodes = new Map<string, Node>();
  readonly services = new Map<string, Service>();
  readonly workloads = new Map<string, Workload>();
  /** Names of workloads by the name of their node. */
  readonly onNode = new MultiMap<string, string>();
  /** Which workloads are behind which services. */
  readonly members = new Memberships();
  /** Routes by the service that they are about. */
  readonly routes = new MultiMap<string, Route>();
  /** Names of services by one that their routes lead to. */
  readonly leadsFrom = new MultiMap<string, string>();
  readonly trafficPolicies = new MultiMap<string, TrafficPolicy>();
  /** Policies by the service that they name. */
  readonly policiesByService = new MultiMap<string, AuthorizationPolicy>();
  /** Policies for all services of a namespace. */
  readonly policiesByNamespace = new MultiMap<string, AuthorizationPolicy>();
  readonly egressScopes = new MultiMap<string, EgressScope>();
  readonly claims = new Claims();
  /** Policies and routes by the callers that they name. */
  readonly #callersByName = new MultiMap<string, MeshDocument>();
  /** Every policy that tells its callers apart. */
  readonly selectivePolicies = new Set<AuthorizationPolicy>();
  #dirt = new Dirt();

  /** What became dirty since this was last asked for. */
  takeDirt(): Dirt {
    const dirt = this.#dirt;
    this.#dirt = new Dirt();
    return dirt;
  }

  /** Replaces a document; undefined: there is, or was, none. */
  replace(before: MeshDocument | undefined, after: MeshDocument | undefined): void {
    if (before?.kind === "Mesh" || after?.kind === "Mesh") {
      const was = this.settings;
      this.settings = after as MeshSettings | undefined;
      settingsDirt(was, this.settings, this, this.#dirt);
      return;
    }
    if (before !== undefined) this.#remove(before, after);
    if (after !== undefined) this.#add(after, before);
  }

  /** Whether any policy or route speaks of a caller by its name. */
  isCalledByName(workload: string): boolean {
    return this.#callersByName.get(workload).size > 0;
  }

  /** The nodes that documents or workloads speak of. */
  nodeNames(): Set<string> {
    return new Set([...this.nodes.keys(), ...this.onNode.keys()]);
  }

  /** The policies that are about a service, by name. */
  policiesOf(service: string): AuthorizationPolicy[] {
    const namespace = service.slice(0, service.indexOf("/"));
    const found = [...this.policiesByNamespace.get(namespace), ...this.policiesByService.get(service)];
    return found.sort(byKey);
  }

  /** The Routes that are about a service, by name. */
  routesOf(service: string): Route[] {
    return [...this.routes.get(service)].sort(byKey);
  }

  #remove(document: MeshDocument, after: MeshDocument | undefined): void {
    const dirt = this.#dirt;
    switch (document.kind) {
      case "Node":
        this.nodes.delete(document.metadata.name);
        this.#node(document.metadata.name);
        return;
      case "Service": {
        const name = fullName(document);
        this.services.delete(name);
        for (const other of this.claims.delete(document)) dirt.services.add(other);
        for (const workload of this.members.workloadsOf(name)) this.#membership(workload);
        if (after === undefined) this.members.removeService(name);
        this.#service(name);
        return;
      }
      case "Workload": {
        const name = fullName(document);
        this.workloads.delete(name);
        this.onNode.delete(document.spec.node, name);
        for (const service of this.members.servicesOf(name)) dirt.endpoints.add(service);
        if (after === undefined) this.members.removeWorkload(name);
        this.#workload(document);
        return;
      }
      case "Route": {
        const service = absoluteName(document.spec.service, document);
        this.routes.delete(service, document);
        this.#mention(document, (caller) => this.#callersByName.delete(caller, document));
        for (const backend of leadsTo(document)) this.leadsFrom.delete(backend, service);
        // Another route of the service may lead there too.
        for (const route of this.routes.get(service))
          for (const backend of leadsTo(route)) this.leadsFrom.add(backend, service);
        this.#route(service);
        return;
      }
      case "TrafficPolicy": {
        const service = absoluteName(document.spec.service, document);
        this.trafficPolicies.delete(service, document);
        this.#traffic(service);
        return;
      }
      case "AuthorizationPolicy":
        this.selectivePolicies.delete(document);
        this.#mention(document, (caller) => this.#callersByName.delete(caller, document));
        for (const service of namedServices(document)) this.policiesByService.delete(service, document);
        this.policiesByNamespace.delete(namespaceOf(document), document);
        this.#policy(document);
        return;
      case "EgressScope":
        this.egressScopes.delete(namespaceOf(document), document);
        dirt.scopes = true;
    }
  }

  #add(document: MeshDocument, before: MeshDocument | undefined): void {
    switch (document.kind) {
      case "Node":
        this.nodes.set(document.metadata.name, document);
        this.#node(document.metadata.name);
        return;
      case "Service": {
        const name = fullName(document);
        this.services.set(name, document);
        for (const other of this.claims.add(document)) this.#dirt.services.add(other);
        const same = before?.kind === "Service" && sameLabels(before.spec.selector, document.spec.selector);
        if (!same) this.members.setService(document);
        for (const workload of this.members.workloadsOf(name)) this.#membership(workload);
        this.#service(name);
        return;
      }
      case "Workload": {
        const name = fullName(document);
        this.workloads.set(name, document);
        this.onNode.add(document.spec.node, name);
        const same = before?.kind === "Workload" && sameLabels(before.metadata.labels, document.metadata.labels);
        if (!same) {
          this.members.setWorkload(document);
          this.#membership(name);
        }
        for (const service of this.members.servicesOf(name)) this.#dirt.endpoints.add(service);
        this.#workload(document);
        return;
      }
      case "Route": {
        const service = absoluteName(document.spec.service, document);
        this.routes.add(service, document);
        this.#mention(document, (caller) => this.#callersByName.add(caller, document));
        for (const backend of leadsTo(document)) this.leadsFrom.add(backend, service);
        this.#route(service);
        return;
      }
      case "TrafficPolicy": {
        const service = absoluteName(document.spec.service, document);
        this.trafficPolicies.add(service, document);
        this.#traffic(service);
        return;
      }
      case "AuthorizationPolicy": {
        this.#mention(document, (caller) => this.#callersByName.add(caller, document));
        for (const service of namedServices(document)) this.policiesByService.add(service, document);
        if (document.spec.services === undefined) this.policiesByNamespace.add(namespaceOf(document), document);
        if (document.spec.rules.some(({ from }) => from !== undefined)) this.selectivePolicies.add(document);
        this.#policy(document);
        return;
      }
      case "EgressScope":
        this.egressScopes.add(namespaceOf(document), document);
        this.#dirt.scopes = true;
    }
  }

  #node(name: string): void {
    const dirt = this.#dirt;
    dirt.nodes.add(name);
    dirt.residents.add(name);
    for (const workload of this.onNode.get(name))
      for (const service of this.members.servicesOf(workload)) dirt.endpoints.add(service);
    // Its Envoy is trusted by sidecars, by its address.
    for (const service of this.services.keys()) dirt.incoming.add(service);
  }

  #service(name: string): void {
    const dirt = this.#dirt;
    for (const set of [dirt.services, dirt.endpoints, dirt.incoming, dirt.visibility]) set.add(name);
    for (const service of this.leadsFrom.get(name)) dirt.services.add(service);
  }

  /** A workload is behind others, or others of their ports, than before. */
  #membership(workload: string): void {
    this.#dirt.inbound.add(workload);
    this.#dirt.callers.add(workload);
    const node = this.workloads.get(workload)?.spec.node;
    if (node !== undefined) this.#dirt.residents.add(node);
  }

  #workload(document: Workload): void {
    const dirt = this.#dirt;
    const name = fullName(document);
    dirt.callers.add(name);
    dirt.inbound.add(name);
    dirt.residents.add(document.spec.node);
    // Sidecars know callers by their addresses.
    for (const policy of this.selectivePolicies) {
      const means = policy.spec.rules.some(({ from }) =>
        absoluteSources(from, policy)?.some((source) => isSource(document, source)),
      );
      if (means) this.#incoming(policy);
    }
  }

  #route(service: string): void {
    this.#dirt.services.add(service);
    this.#dirt.visibility.add(service);
  }

  #traffic(service: string): void {
    this.#dirt.services.add(service);
    this.#dirt.endpoints.add(service);
    // What its balancer looks at stands in the routes that lead to it.
    for (const other of this.leadsFrom.get(service)) this.#dirt.services.add(other);
  }

  #policy(document: AuthorizationPolicy): void {
    for (const service of this.#servicesOf(document)) {
      this.#dirt.services.add(service);
      this.#dirt.incoming.add(service);
      this.#dirt.visibility.add(service);
    }
  }

  /** Callers that are called by their names see what others of their labels may not see. */
  #mention(document: Route | AuthorizationPolicy, visit: (caller: string) => void): void {
    for (const caller of namedCallers(document)) {
      visit(caller);
      this.#dirt.callers.add(caller);
      const node = this.workloads.get(caller)?.spec.node;
      if (node !== undefined) this.#dirt.residents.add(node);
    }
  }

  #incoming(policy: AuthorizationPolicy): void {
    for (const service of this.#servicesOf(policy)) this.#dirt.incoming.add(service);
  }

  #servicesOf(policy: AuthorizationPolicy): Iterable<string> {
    return policy.spec.services === undefined ? this.members.servicesIn(namespaceOf(policy)) : namedServices(policy);
  }
}

function byKey(a: MeshDocument, b: MeshDocument): number {
  return documentKey(a) < documentKey(b) ? -1 : 1;
}

type Labels = Readonly<Record<string, string>> | undefined;

function sameLabels(a: Labels = {}, b: Labels = {}): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
