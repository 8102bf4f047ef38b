/** How often what was built, for tests of complexity. Counts on for as long as the process lives. */
export const costs = {
  /** Services whose clusters, listeners and routes were built. */
  services: 0,
  /** Services whose endpoints were built. */
  endpoints: 0,
  /** Listeners for what comes in to a workload. */
  inbound: 0,
  /** Routes for what comes in. */
  incoming: 0,
  /** Listeners of a node, or of all sidecars. */
  nodes: 0,
  /** Who calls, for one proxy. */
  sources: 0,
  /** Questions whether callers see a service. */
  visibility: 0,
  /** Lists of what is behind the services that callers of one or more proxies see. */
  scopes: 0,
  /** Lists of entries of redirect plans. */
  entries: 0,
  /** Redirect plans of one node. */
  plans: 0,
};
