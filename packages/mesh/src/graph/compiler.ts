import { createResource, createSnapshot, type Draft, edit, type Resource, type Snapshot } from "@rxds/core";
import { inboundRoutesOf } from "../compile/inbound.js";
import type { MeshProblem } from "../compile/problem.js";
import { redirectListener } from "../compile/redirect-listener.js";
import { udpListener } from "../compile/udp-listener.js";
import type { MeshDocument } from "../model/document.js";
import { type BuiltService, buildEndpoints, buildService, type ServiceNames } from "./build-service.js";
import { buildInbound, buildInboundRoutes, buildLoopback, portsOf } from "./build-sidecar.js";
import { costs } from "./costs.js";
import type { Dirt } from "./dirt.js";
import { MeshIndex } from "./mesh-index.js";
import { findProblems } from "./problems.js";
import { type MeshProxy, proxyId } from "./proxy.js";
import { callerViews, listenAddresses, type ViewInput } from "./proxy-view.js";
import { ResourceUnits } from "./resource-units.js";
import { Sights } from "./sight.js";
import { proxyPorts } from "./topology.js";
import { udpPorts } from "./udp-ports.js";
import { Visibility } from "./visibility.js";

/** A document that was replaced, appeared (no `before`) or is gone (no `after`). */
export interface DocumentChange {
  readonly before: MeshDocument | undefined;
  readonly after: MeshDocument | undefined;
}

/** What a change of documents changed. Proxies by their ids, nodes by their names. */
export interface CompilerUpdate {
  /** Proxies that are to be shown other names. */
  readonly scopes: ReadonlySet<string>;
  /** Proxies of which the callers are others. */
  readonly own: ReadonlySet<string>;
  /** Nodes of which the redirect plan may be another. */
  readonly plans: ReadonlySet<string>;
}

/** Turns documents into resources: those that proxies share, and what each of them is shown. Costs what depends on a change. */
export class MeshCompiler implements ViewInput {
  readonly index = new MeshIndex();
  readonly visibility = new Visibility(this.index);
  readonly built = new Map<string, BuiltService>();
  readonly sights = new Sights(this.built);
  udpPorts: ReadonlyMap<string, number> = new Map();
  /** All that is shared. */
  snapshot: Snapshot = createSnapshot();
  readonly #units = new ResourceUnits();
  readonly #proxies = new Map<string, MeshProxy>();
  #mostClasses = 64;

  /** Builds what only this proxy needs, now and from now on. */
  open(proxy: MeshProxy): void {
    if (this.#proxies.has(proxyId(proxy))) return;
    this.#proxies.set(proxyId(proxy), proxy);
    this.snapshot = edit(this.snapshot, (draft) => {
      if (proxy.kind === "node") this.#buildNode(draft, proxy);
      else {
        this.#buildLoopback(draft);
        this.#buildSidecar(draft, proxy, new Map());
      }
    });
  }

  /** Lets go of what only this proxy needs. */
  close(proxy: MeshProxy): void {
    const id = proxyId(proxy);
    if (!this.#proxies.delete(id)) return;
    this.snapshot = edit(this.snapshot, (draft) => {
      this.#units.set(draft, id, []);
      if (![...this.#proxies.values()].some(({ kind }) => kind === "sidecar")) this.#units.set(draft, "loopback", []);
    });
  }

  /** What is wrong with the documents, as they are now. Costs the size of the mesh. */
  problems(): MeshProblem[] {
    return findProblems(this.index, this.built);
  }

  /** Takes changes at once. */
  update(changes: Iterable<DocumentChange>): CompilerUpdate {
    const steps = this.updating(changes);
    let step = steps.next();
    while (!step.done) step = steps.next();
    return step.value;
  }

  /**
   * Takes changes in small steps. Nothing else may be asked of this until the last of them: only then all that was built comes
   * into force, in one.
   */
  *updating(changes: Iterable<DocumentChange>): Generator<undefined, CompilerUpdate> {
    for (const { before, after } of changes) {
      this.index.replace(before, after);
      yield;
    }
    const dirt = this.index.takeDirt();
    const services = new Map<string, BuiltService | undefined>();
    for (const name of dirt.services) {
      services.set(name, this.#build(name));
      yield;
    }
    const endpoints = new Map<string, readonly Resource[]>();
    for (const name of dirt.endpoints) {
      endpoints.set(name, this.#buildEndpoints(name));
      yield;
    }
    let renamed: ReadonlySet<string> = new Set();
    this.snapshot = edit(this.snapshot, (draft) => {
      renamed = this.#putServices(draft, services);
      for (const [name, resources] of endpoints) this.#units.set(draft, `endpoints ${name}`, resources);
      const ports = this.#assignUdpPorts(renamed, dirt.ports) || dirt.ports;
      if (ports) dirt.ports = true;
      this.#buildProxies(draft, dirt, ports);
    });
    return this.#views(dirt, renamed);
  }

  #build(name: string): BuiltService | undefined {
    const service = this.index.services.get(name);
    if (service === undefined) return undefined;
    costs.services++;
    return buildService(service, this.index);
  }

  #buildEndpoints(name: string): readonly Resource[] {
    const service = this.index.services.get(name);
    if (service === undefined) return [];
    costs.endpoints++;
    return buildEndpoints(service, this.index);
  }

  /** Returns the services that a proxy needs other names for than before. */
  #putServices(draft: Draft, services: ReadonlyMap<string, BuiltService | undefined>): Set<string> {
    const renamed = new Set<string>();
    for (const [name, built] of services) {
      const before = this.built.get(name)?.names;
      if (built === undefined) this.built.delete(name);
      else this.built.set(name, built);
      this.#units.set(draft, `service ${name}`, built?.resources ?? []);
      if (!sameNames(before, built?.names)) renamed.add(name);
    }
    return renamed;
  }

  /** Returns whether any port is another. */
  #assignUdpPorts(renamed: ReadonlySet<string>, ports: boolean): boolean {
    if (renamed.size === 0 && !ports) return false;
    const keys: string[] = [];
    for (const { names } of this.built.values()) {
      for (const port of names.ports) if (port.protocol === "udp" && port.addresses.length > 0) keys.push(port.cluster);
    }
    const before = this.udpPorts;
    this.udpPorts = udpPorts(keys, proxyPorts(this.index.settings).udp);
    return before.size !== this.udpPorts.size || [...before].some(([key, port]) => this.udpPorts.get(key) !== port);
  }

  #buildProxies(draft: Draft, dirt: Dirt, ports: boolean): void {
    const routes = new Map<string, Resource>();
    let loopback = ports;
    for (const proxy of ports ? this.#proxies.values() : this.#open(dirt.nodes, this.#called(dirt))) {
      if (proxy.kind === "node") this.#buildNode(draft, proxy);
      else {
        if (loopback) this.#buildLoopback(draft);
        loopback = false;
        this.#buildSidecar(draft, proxy, routes);
      }
    }
  }

  /** The workloads for which what comes in may be ruled differently. */
  #called(dirt: Dirt): Set<string> {
    const workloads = new Set(dirt.inbound);
    for (const service of dirt.incoming) {
      for (const workload of this.index.members.workloadsOf(service)) workloads.add(workload);
    }
    return workloads;
  }

  /** Those of some nodes' and workloads' proxies that are open. */
  *#open(nodes: Iterable<string>, workloads: Iterable<string>): Generator<MeshProxy> {
    const proxies: MeshProxy[] = [
      ...Array.from(nodes, (node) => ({ kind: "node", node }) as const),
      ...Array.from(workloads, (workload) => ({ kind: "sidecar", workload }) as const),
    ];
    for (const proxy of proxies) if (this.#proxies.has(proxyId(proxy))) yield proxy;
  }

  #buildLoopback(draft: Draft): void {
    costs.nodes++;
    const udp = this.#udpListeners({ kind: "sidecar", workload: "" });
    this.#units.set(draft, "loopback", [...buildLoopback(this.index), ...udp]);
  }

  #buildNode(draft: Draft, proxy: MeshProxy & { kind: "node" }): void {
    // An Envoy of a node that the mesh knows no more keeps what it has.
    if (!this.index.nodes.has(proxy.node)) return;
    costs.nodes++;
    const { redirect } = proxyPorts(this.index.settings);
    const listeners = listenAddresses(proxy, this.index).map((address) => redirectListener(address, redirect));
    const resources = listeners.map((listener) => createResource(listener));
    this.#units.set(draft, proxyId(proxy), [...resources, ...this.#udpListeners(proxy)]);
  }

  #udpListeners(proxy: MeshProxy): Resource[] {
    const addresses = listenAddresses(proxy, this.index);
    const found: Resource[] = [];
    for (const { names } of this.built.values()) {
      for (const port of names.ports) {
        const bound = port.protocol === "udp" ? this.udpPorts.get(port.cluster) : undefined;
        if (bound === undefined) continue;
        for (const address of addresses) found.push(createResource(udpListener(port, address, bound)));
      }
    }
    return found;
  }

  /** `routes`: those of this update that were built already, for another sidecar of the same services. */
  #buildSidecar(draft: Draft, { workload }: MeshProxy & { kind: "sidecar" }, routes: Map<string, Resource>): void {
    if (!this.index.workloads.has(workload)) return;
    costs.inbound++;
    const resources = [buildInbound(workload, this.index)];
    for (const port of portsOf(workload, this.index)) {
      const name = inboundRoutesOf(port);
      if (name === undefined) continue;
      let built = routes.get(name);
      if (built === undefined) {
        costs.incoming++;
        built = buildInboundRoutes(port, this.index);
        routes.set(name, built);
      }
      resources.push(built);
    }
    this.#units.set(draft, `sidecar~${workload}`, resources);
  }

  #views(dirt: Dirt, renamed: ReadonlySet<string>): CompilerUpdate {
    const classes = this.visibility.update(dirt);
    const scopes = new Set<string>();
    const own = new Set<string>();
    const nodes = new Set([...dirt.nodes, ...dirt.residents]);
    const plans = new Set(nodes);
    const shared = dirt.scopes || dirt.ports || renamed.size > 0 || classes.size > 0;
    if (shared) this.sights.clear();
    for (const proxy of this.#open(nodes, new Set([...dirt.callers, ...dirt.inbound]))) {
      const id = proxyId(proxy);
      scopes.add(id);
      if (proxy.kind === "sidecar" || dirt.residents.has(proxy.node)) own.add(id);
    }
    if (shared) {
      for (const [id, proxy] of this.#proxies) if (this.#isConcerned(proxy, dirt, classes, renamed)) scopes.add(id);
    }
    if (shared || dirt.plans) for (const node of this.index.nodeNames()) plans.add(node);
    this.#forgetClasses();
    return { scopes, own, plans };
  }

  /** Labels come and go with every rollout; what nobody sees with them any more is forgotten by and by. */
  #forgetClasses(): void {
    if (this.visibility.size < this.#mostClasses) return;
    const used = new Set<string>();
    for (const proxy of this.#proxies.values()) for (const { key } of callerViews(proxy, this)) used.add(key);
    this.visibility.keep(used);
    this.#mostClasses = 64 + 2 * used.size;
  }

  #isConcerned(proxy: MeshProxy, dirt: Dirt, classes: ReadonlySet<string>, renamed: ReadonlySet<string>): boolean {
    if (dirt.scopes || dirt.ports) return true;
    return callerViews(proxy, this).some(
      ({ key, services }) => classes.has(key) || [...renamed].some((name) => services.has(name)),
    );
  }
}

function sameNames(a: ServiceNames | undefined, b: ServiceNames | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
