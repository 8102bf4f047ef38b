import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";

/** What differs between the two variants of the protocol, for one stream. */
export interface Variant<Req extends DescMessage, Res extends DescMessage> {
  readonly request: Req;
  readonly response: Res;
  /** Takes note of a request that is sent. */
  sent(request: MessageShape<Req>): void;
  /** The type URL of a request. */
  requestType(request: MessageShape<Req>): string;
  /** The type URL of a response. */
  typeUrl(response: MessageShape<Res>): string;
  /** The request that accepts a response, or rejects it when there is an error message. */
  answer(response: MessageShape<Res>, error?: string): MessageInitShape<Req>;
  /** A response in one line. */
  summary(response: MessageShape<Res>): string;
}

type DeltaRequest = typeof DeltaDiscoveryRequestSchema;
type DeltaResponse = typeof DeltaDiscoveryResponseSchema;
type SotwRequest = typeof DiscoveryRequestSchema;
type SotwResponse = typeof DiscoveryResponseSchema;

/** `google.rpc.Code`: what Envoy rejects with. */
const INTERNAL = 13;

/** Incremental: an answer is the nonce alone. */
export function deltaVariant(): Variant<DeltaRequest, DeltaResponse> {
  return {
    request: DeltaDiscoveryRequestSchema,
    response: DeltaDiscoveryResponseSchema,
    sent() {},
    requestType: (request) => request.typeUrl,
    typeUrl: (response) => response.typeUrl,
    answer: ({ typeUrl, nonce }, error) => ({ typeUrl, responseNonce: nonce, ...rejection(error) }),
    summary(response) {
      const names = response.resources.map((resource) => resource.name).join(", ");
      const removed = response.removedResources.join(", ");
      return `${response.typeUrl} nonce=${response.nonce} resources=[${names}] removed=[${removed}]`;
    },
  };
}

/** State of the world: an answer repeats the names asked for and the version held. */
export function sotwVariant(): Variant<SotwRequest, SotwResponse> {
  const names = new Map<string, string[]>();
  const accepted = new Map<string, string>();
  return {
    request: DiscoveryRequestSchema,
    response: DiscoveryResponseSchema,
    sent(request) {
      names.set(request.typeUrl, request.resourceNames);
      if (request.errorDetail === undefined) accepted.set(request.typeUrl, request.versionInfo);
    },
    requestType: (request) => request.typeUrl,
    typeUrl: (response) => response.typeUrl,
    answer: ({ typeUrl, nonce, versionInfo }, error) => ({
      typeUrl,
      responseNonce: nonce,
      resourceNames: names.get(typeUrl) ?? names.get("") ?? [],
      versionInfo: error === undefined ? versionInfo : (accepted.get(typeUrl) ?? ""),
      ...rejection(error),
    }),
    summary: ({ typeUrl, nonce, versionInfo, resources }) =>
      `${typeUrl} nonce=${nonce} version=${versionInfo} resources=${resources.length}`,
  };
}

function rejection(message: string | undefined) {
  return message === undefined ? {} : { errorDetail: { code: INTERNAL, message } };
}
