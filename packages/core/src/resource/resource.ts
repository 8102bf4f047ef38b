/**
 * One named piece of configuration as it is served: encoded once, when it is made, and shared from then on.
 *
 * Immutable. Two resources are the same to a client when type, name, version, ttl and aliases are equal.
 */
export interface Resource {
  /** The type URL, for example `type.googleapis.com/envoy.config.cluster.v3.Cluster`. */
  readonly type: string;
  /** The name, unique within the type. */
  readonly name: string;
  /** A content hash of type URL and value (128 bits, 22 characters): the same bytes have the same version everywhere. */
  readonly version: string;
  /** The encoded `google.protobuf.Any`. Never to be changed. */
  readonly body: Uint8Array;
  /**
   * How long a client keeps the resource without hearing of it again, in milliseconds; undefined: for ever (xDS protocol,
   * "TTL").
   */
  readonly ttl: number | undefined;
  /** Other names under which clients may ask for it. */
  readonly aliases: readonly string[] | undefined;
  /** The resources that this one names, as far as they are known. */
  readonly references: readonly Reference[] | undefined;
  /** What else decides when it may be sent or taken away; undefined: nothing. */
  readonly traits: ResourceTraits | undefined;
  /** What is wrong with it in itself; undefined: nothing known. */
  readonly problems: readonly ResourceProblem[] | undefined;
}

/** One resource naming another. */
export interface Reference {
  /** The type URL of the resource that is named. */
  readonly type: string;
  /** Its name. */
  readonly name: string;
  /** Where it is named, as a path of field names: `virtual_hosts[0].routes[2].route.cluster`. */
  readonly path: string;
  /**
   * How long a request that took this way may still come back to it, in milliseconds: the timeout of a route with a retry
   * policy. Absent: it does not.
   */
  readonly retryMs?: number;
}

/** What the order of changes depends on beside references. Derived once, when a resource is made. */
export interface ResourceTraits {
  /**
   * Of a cluster: from when on a client can use it. `"acked"`: when the client accepted the cluster. `"eds"`: also when it
   * accepted its endpoints, since it is then ready even if its answer about the cluster is late.
   */
  readonly readiness?: "acked" | "eds";
  /** Of a listener: the addresses it occupies, such as `0.0.0.0:80/tcp`, `[::1]:53/udp` and `unix:/run/proxy`. */
  readonly addresses?: readonly string[];
  /** Whether it holds something that may name clusters which `references` does not tell: an extension, a header's value. */
  readonly opaque?: true;
}

/** Something in a resource that no client would accept. */
export interface ResourceProblem {
  /** Where, as a path of field names: `endpoints[0].lb_endpoints[3].endpoint.address.socket_address.port_value`. */
  readonly path: string;
  /** What is wrong and what was expected. Never holds a secret. */
  readonly message: string;
}

/** Whether a client that holds `a` need not be sent `b`. */
export function sameResource(a: Resource, b: Resource): boolean {
  if (a === b) return true;
  return a.version === b.version && a.ttl === b.ttl && a.name === b.name && a.type === b.type && sameAliases(a, b);
}

function sameAliases(a: Resource, b: Resource): boolean {
  const x = a.aliases;
  const y = b.aliases;
  if (x === y) return true;
  return x !== undefined && y !== undefined && x.length === y.length && x.every((alias, i) => alias === y[i]);
}
