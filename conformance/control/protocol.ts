/** The control protocol between the suite and a server under test, as README.md beside this folder describes it. */

/** Something that a server need not be able to do. Tests of it are left out when the server does not list it. */
export type Capability =
  /** Other names of a resource, in delta. */
  | "aliases"
  /** Client status: envoy.service.status.v3. */
  | "csds"
  /** Load reports: envoy.service.load_stats.v3. */
  | "lrs"
  /** Responses of the state of the world hold only what changed, of types where omission is no deletion. */
  | "partial"
  /** `POST /restart`. */
  | "restart"
  /**
   * After a rejection what is innocent in the response goes again by itself, and what is not named is searched for. Without
   * it nothing goes again until something changes.
   */
  | "search"
  /** Large delta responses are split; `split_bytes` says when. */
  | "split"
  /** Times to live, and their heartbeats. */
  | "ttl"
  /** Virtual hosts on demand: names that nobody has are answered. */
  | "vhds"
  /** `xdstp:` names: parameters in any order, globs. */
  | "xdstp";

/** The answer to `GET /capabilities`. */
export interface Capabilities {
  /** What the server is called, for people. */
  readonly name: string;
  /** What it can do. */
  readonly capabilities: readonly Capability[];
  /** With `split`: a delta response holds at most about so many bytes, unless a single resource is larger. */
  readonly split_bytes?: number;
}

/** One resource of a `PUT /state`. */
export interface StateResource {
  readonly type_url: string;
  readonly name: string;
  /** The encoded message, in base64. */
  readonly value: string;
  /** Other names, in delta. */
  readonly aliases?: readonly string[];
  /** Time to live in milliseconds. */
  readonly ttl_ms?: number;
}

/** The body of a `PUT /state`: everything that the server is to serve from now on. */
export interface State {
  readonly resources: readonly StateResource[];
}
