import { hasLabels } from "../compile/source.js";
import { fullName, namespaceOf, type Service, type Workload } from "../model/document.js";
import { MultiMap } from "./multi-map.js";

const NONE = "";

/**
 * Which workloads are behind which services. Services are found by one of the labels that they ask for, so that a changed
 * workload costs the services that may fit it, not all.
 */
export class Memberships {
  readonly #workloads = new MultiMap<string, string>();
  readonly #services = new MultiMap<string, string>();
  /** Services by namespace and one label of their selector. */
  readonly #byLabel = new MultiMap<string, Service>();
  readonly #byNamespace = new MultiMap<string, string>();
  readonly #known = new Map<string, Service>();
  /** Workloads by namespace and each of their labels. */
  readonly #byOwnLabel = new MultiMap<string, Workload>();
  readonly #joined = new Map<string, Workload>();

  /** Names of the workloads behind a service. */
  workloadsOf(service: string): ReadonlySet<string> {
    return this.#workloads.get(service);
  }

  /** Names of the services that a workload is behind. */
  servicesOf(workload: string): ReadonlySet<string> {
    return this.#services.get(workload);
  }

  /** Names of the services of a namespace. */
  servicesIn(namespace: string): ReadonlySet<string> {
    return this.#byNamespace.get(namespace);
  }

  setService(service: Service): void {
    const name = fullName(service);
    this.removeService(name);
    this.#known.set(name, service);
    this.#byNamespace.add(namespaceOf(service), name);
    const key = labelKey(service);
    if (key === NONE) return;
    this.#byLabel.add(key, service);
    for (const workload of this.#byOwnLabel.get(key)) {
      if (hasLabels(workload, service.spec.selector)) this.#join(fullName(workload), name);
    }
  }

  removeService(name: string): void {
    const service = this.#known.get(name);
    if (service === undefined) return;
    this.#known.delete(name);
    this.#byNamespace.delete(namespaceOf(service), name);
    this.#byLabel.delete(labelKey(service), service);
    for (const workload of [...this.#workloads.get(name)]) this.#part(workload, name);
  }

  setWorkload(workload: Workload): void {
    const name = fullName(workload);
    this.removeWorkload(name);
    this.#joined.set(name, workload);
    for (const key of labelKeys(workload)) {
      this.#byOwnLabel.add(key, workload);
      for (const service of this.#byLabel.get(key)) {
        if (hasLabels(workload, service.spec.selector)) this.#join(name, fullName(service));
      }
    }
  }

  removeWorkload(name: string): void {
    const workload = this.#joined.get(name);
    if (workload !== undefined) for (const key of labelKeys(workload)) this.#byOwnLabel.delete(key, workload);
    this.#joined.delete(name);
    for (const service of [...this.#services.get(name)]) this.#part(name, service);
  }

  #join(workload: string, service: string): void {
    this.#workloads.add(service, workload);
    this.#services.add(workload, service);
  }

  #part(workload: string, service: string): void {
    this.#workloads.delete(service, workload);
    this.#services.delete(workload, service);
  }
}

/** Where a service is found; a service that selects nothing, nowhere. */
function labelKey(service: Service): string {
  const [first] = Object.entries(service.spec.selector ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return first === undefined ? NONE : `${namespaceOf(service)} ${first[0]}=${first[1]}`;
}

/** Where a workload is found by services. */
function labelKeys(workload: Workload): string[] {
  const namespace = namespaceOf(workload);
  return Object.entries(workload.metadata.labels ?? {}).map(([label, value]) => `${namespace} ${label}=${value}`);
}
