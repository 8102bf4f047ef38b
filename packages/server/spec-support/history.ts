import type { Kind, Sample } from "./samples.js";

/** One of the clients of a history. */
export interface ClientSpec {
  readonly protocol: "sotw" | "delta";
  /** Which view: `""` shows everything, others what their scope shows. */
  readonly key: "" | "x" | "y";
  /** One stream for all kinds, or one for each. */
  readonly aggregated: boolean;
  /** Whether the first requests of a stream come all at once, or with other things happening in between. */
  readonly pace: "burst" | "slow";
}

/** A change of what a client asks for. */
export interface WantChange {
  readonly kind: Kind;
  readonly add: readonly string[];
  readonly drop: readonly string[];
  /** Whether the wildcard `*` is added or dropped. */
  readonly star: "keep" | "on" | "off";
  /** How it is said. `twice`: each name. `in one breath`: delta, what is asked for is unsubscribed from too. */
  readonly style: "plain" | "twice" | "in one breath";
}

/** A new snapshot, made from the last by these changes; `anew`: without sharing anything with it. */
export interface SnapshotChange {
  readonly set: readonly Sample[];
  readonly drop: readonly Omit<Sample, "value">[];
  readonly anew: boolean;
}

/** How a client rejects a response. */
export interface Rejection {
  /** Whom its words blame: nobody, the culprit (of a whim: the first resource), or all. */
  readonly blame: "nobody" | "first" | "all";
  /** Whether it uses the resources that it does not blame all the same, as Envoy does with clusters. */
  readonly partly: boolean;
}

/** What a client does against the protocol, or without any sense. */
export type Oddity =
  | "stale ACK"
  | "stale NACK"
  | "unknown nonce"
  | "NACK of what was answered"
  | "ACK of what was answered"
  | "second node"
  | "unsubscribe from what was never asked for"
  | "flood"
  | "great flood"
  | "unknown type"
  | "garbage";

/** What a view shows. */
export type Shown = Readonly<Partial<Record<Kind, "all" | readonly string[]>>>;

/** Something that happens. A client is known by its number, modulo the number of clients. */
export type Step =
  | ({ readonly do: "publish" } & SnapshotChange)
  | { readonly do: "publish-invalid"; readonly how: "duplicate" | "port" }
  | { readonly do: "scope"; readonly key: "x" | "y"; readonly shown: Shown }
  | ({ readonly do: "want"; readonly client: number } & WantChange)
  | { readonly do: "ask-again"; readonly client: number; readonly kind: Kind; readonly name: string }
  | ({ readonly do: "reject"; readonly client: number; readonly kind: Kind } & Rejection)
  /** From now on the client rejects whatever holds that content. */
  | ({ readonly do: "poison"; readonly client: number; readonly content: Sample } & Rejection)
  | { readonly do: "delay-answers"; readonly client: number }
  | { readonly do: "answer"; readonly client: number; readonly newestOnly: boolean; readonly reversed: boolean }
  | { readonly do: "stall"; readonly client: number }
  | { readonly do: "read"; readonly client: number }
  /** Resets its streams, or says that it will say nothing more, or resets them in the middle of the next response. */
  | { readonly do: "leave"; readonly client: number; readonly how: "reset" | "half-close" | "in the middle" }
  | { readonly do: "odd"; readonly client: number; readonly kind: Kind; readonly what: Oddity }
  /** A new stream, after what the client decided and the configuration became without one. `forget`: it starts with nothing. */
  | {
      readonly do: "connect";
      readonly client: number;
      readonly forget: boolean;
      readonly wants: readonly WantChange[];
      readonly publish: readonly SnapshotChange[];
    }
  | { readonly do: "turns"; readonly count: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "settle" };

/** All that happens to one server. */
export interface History {
  readonly clients: readonly ClientSpec[];
  /** Whether the configuration comes from an Observable or from a store that is updated by hand. */
  readonly base: "observable" | "store";
  /** How much time passes at each look at the clock, in ms. */
  readonly lookMs: number;
  /** The most bytes of a delta response. */
  readonly responseBytes: number;
  readonly steps: readonly Step[];
}
