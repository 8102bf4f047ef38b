import type { ConnectionStatus } from "./status.js";

/** What a client does, for logs. Holds names and counts, never the content of resources. */
export type XdsClientEvent =
  /** The state of the connection changed. */
  | { readonly kind: "status"; readonly status: ConnectionStatus }
  /** A response was applied, and is acknowledged, once it is confirmed where a subscription wants that. */
  | {
      readonly kind: "accepted";
      readonly typeUrl: string;
      readonly nonce: string;
      readonly upserts: number;
      readonly removals: number;
      readonly missing: number;
    }
  /**
   * A response was refused as a whole, for these reasons; what was held before stays. If it was accepted before, a subscription did
   * not confirm it.
   */
  | {
      readonly kind: "refused";
      readonly typeUrl: string;
      readonly nonce: string;
      readonly reasons: readonly string[];
    }
  /** A response of a type that nothing was asked for. It is not answered. */
  | { readonly kind: "ignored"; readonly typeUrl: string; readonly nonce: string }
  /** Resources whose time to live was over were dropped. */
  | { readonly kind: "expired"; readonly typeUrl: string; readonly names: readonly string[] };
