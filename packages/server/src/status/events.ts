import type { Problem } from "@rxds/core";
import type { MassDeletion } from "../source/mass-deletion.js";
import type { XdsLimits } from "../xds-options.js";

/** Who a stream belongs to. */
export interface ClientNode {
  /** `Node.id`; empty when the client gave none. */
  readonly id: string;
  /** `Node.cluster` */
  readonly cluster: string;
}

/** What all events of a stream tell. */
export interface StreamEvent {
  /** Counts the streams of this server. */
  readonly stream: number;
  /** Who the client is. */
  readonly node: ClientNode;
  /** The key of what it is shown. */
  readonly key: string;
  /** One line for people. */
  readonly detail: string;
}

/** Something happened at the server. Plain data; holds no secret. `type` is a type URL, `label` its short name: `"EDS"`. */
export type XdsEvent =
  /** A client's first request was admitted. */
  | (StreamEvent & { readonly kind: "connected"; readonly address: string })
  /** A stream is over. */
  | (StreamEvent & { readonly kind: "disconnected" })
  /**
   * A response was handed to the transport. `bytes`: its encoded size; names: at most 20 of each. `detail` writes `-` before what is
   * removed, `~` before what is renewed, `?` before what does not exist.
   */
  | (StreamEvent & {
      readonly kind: "sent";
      readonly type: string;
      readonly label: string;
      readonly nonce: string;
      readonly version: string;
      readonly upserts: number;
      readonly removals: number;
      readonly names: readonly string[];
      readonly removedNames: readonly string[];
      readonly bytes: number;
    })
  /** The client accepted a response. */
  | (StreamEvent & {
      readonly kind: "acked";
      readonly type: string;
      readonly label: string;
      readonly nonce: string;
      readonly version: string;
    })
  /** The client rejected a response. `names`: the resources that its words name, as far as they were in the response. */
  | (StreamEvent & {
      readonly kind: "rejected";
      readonly type: string;
      readonly label: string;
      readonly nonce: string;
      readonly version: string;
      readonly code: number;
      readonly names: readonly string[];
    })
  /**
   * A resource is not sent yet: it leads to new clusters that the client has not accepted, or that have no endpoints. The client
   * goes on with what it has.
   */
  | (StreamEvent & {
      readonly kind: "held";
      readonly type: string;
      readonly label: string;
      readonly name: string;
      /** Those clusters. */
      readonly waitsFor: readonly string[];
      /** Since when, in ms since the epoch. */
      readonly since: number;
      /** Whether it has waited for longer than `hitless.gateTimeoutMs`. */
      readonly overdue: boolean;
    })
  /**
   * A resource was found to be what the client rejected. It is kept from the client until its content changes; what the client
   * accepted before stays in force, and everything else goes on.
   */
  | (StreamEvent & {
      readonly kind: "quarantined";
      readonly type: string;
      readonly label: string;
      readonly name: string;
      /** The rejected version. */
      readonly version: string;
      /** The client's words, without what may be secret in them. */
      readonly reason: string;
      /** Since when, in ms since the epoch. */
      readonly since: number;
    })
  /** The client broke the protocol, sent what can't be decoded, or too much; its stream was ended. */
  | (StreamEvent & { readonly kind: "violated" })
  /** A stream was ended because of a limit. */
  | (StreamEvent & { readonly kind: "limited"; readonly limit: keyof XdsLimits; readonly address: string })
  /** A client was not admitted. */
  | (StreamEvent & { readonly kind: "refused-client"; readonly address: string })
  /** A configuration came into force; `seq` numbers the commits of its store. */
  | {
      readonly kind: "committed";
      readonly keys: readonly string[];
      readonly seq: number;
      readonly upserts: number;
      readonly removals: number;
      readonly warnings: readonly Problem[];
      readonly detail: string;
    }
  /** A configuration was refused as a whole. The last good one stays in force. */
  | {
      readonly kind: "refused-snapshot";
      readonly keys: readonly string[];
      readonly problems: readonly Problem[];
      readonly detail: string;
    }
  /** A configuration would remove too much (`massDeletion`), and waits. The last good one stays in force. */
  | {
      readonly kind: "held-snapshot";
      readonly keys: readonly string[];
      readonly version: string;
      readonly types: readonly MassDeletion[];
      readonly detail: string;
    }
  /** A source of snapshots or scopes failed (`error`) or completed. What it last said stays in force. */
  | {
      readonly kind: "source-ended";
      readonly keys: readonly string[];
      readonly error: Error | undefined;
      readonly detail: string;
    };
