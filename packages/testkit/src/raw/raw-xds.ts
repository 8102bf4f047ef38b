import type {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { openStream, type RawStream, type RawStreamOptions } from "./stream.js";
import { deltaVariant, sotwVariant } from "./variant.js";

/** An incremental stream. */
export type RawDelta = RawStream<typeof DeltaDiscoveryRequestSchema, typeof DeltaDiscoveryResponseSchema>;

/** A state-of-the-world stream. */
export type RawSotw = RawStream<typeof DiscoveryRequestSchema, typeof DiscoveryResponseSchema>;

/** Where to connect, and which variant of the protocol to speak. */
export interface RawXdsOptions extends RawStreamOptions {
  /** Which messages are sent and expected. A `method` of one's own must fit. */
  readonly mode: "delta" | "sotw";
}

/**
 * Opens one xDS stream, for tests of the protocol: it sends exactly what it is told and hands over every response.
 *
 * @throws TestkitError `invalid-argument` when the service has no such streaming method.
 */
export function rawXds(options: RawXdsOptions & { readonly mode: "delta" }): RawDelta;
/** The same for the state of the world. */
export function rawXds(options: RawXdsOptions & { readonly mode: "sotw" }): RawSotw;
export function rawXds(options: RawXdsOptions): RawDelta | RawSotw {
  return options.mode === "delta"
    ? openStream(deltaVariant(), "DeltaAggregatedResources", options)
    : openStream(sotwVariant(), "StreamAggregatedResources", options);
}
