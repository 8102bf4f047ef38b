/** What has to be built again after a change. Services and workloads by `"namespace/name"`, nodes by name. */
export class Dirt {
  /** Services whose clusters, listeners and routes may be others. */
  readonly services = new Set<string>();
  /** Services whose endpoints may be others. */
  readonly endpoints = new Set<string>();
  /** Services of which what comes in to their workloads may be ruled differently. */
  readonly incoming = new Set<string>();
  /** Workloads whose own listener for what comes in may be another. */
  readonly inbound = new Set<string>();
  /** Workloads that are to be known differently as callers. */
  readonly callers = new Set<string>();
  /** Nodes that changed, or whose Envoys may have to listen otherwise. */
  readonly nodes = new Set<string>();
  /** Nodes on which workloads came, went or changed. */
  readonly residents = new Set<string>();
  /** Services that may be visible to others than before. */
  readonly visibility = new Set<string>();
  /** Whether proxies listen on other ports. */
  ports = false;
  /** Whether redirect plans say something else of all their entries. */
  plans = false;
  /** Whether the rules of visibility themselves have changed. */
  scopes = false;
}
