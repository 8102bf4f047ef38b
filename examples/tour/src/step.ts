import type { Draft } from "rxds";

/** The servers that requests end at, by name. */
export type UpstreamName = "red" | "green" | "blue";

/** Where the servers listen, as `host:port`. */
export type Addresses = Readonly<Record<UpstreamName, string>>;

/** One step of the story: a change of the configuration, and what must come of it. */
export interface Step {
  readonly title: string;
  /** Changes the configuration. */
  readonly change: (draft: Draft, at: Addresses) => void;
  readonly expect: Expectation;
}

/** What must come of a step. Resources are written as `"EDS web"`; their order does not matter. */
export interface Expectation {
  /** What differs from the configuration before: `+` is new, `~` changed, `-` removed, as in `"~ EDS web"`. */
  readonly diff: readonly string[];
  /** All that Envoy is sent, and accepts: `"EDS web"`, and `"-EDS web"` for a removal. */
  readonly pushed: readonly string[];
  /** Where the requests for a path end, in percent. One that is not listed must get none. */
  readonly traffic: Readonly<Record<string, Shares>>;
  /** How many requests are sent for each path. Default: 40. */
  readonly requests?: number;
}

/** Percent of the requests, by upstream. They add up to 100. */
export type Shares = Readonly<Partial<Record<UpstreamName, number>>>;
