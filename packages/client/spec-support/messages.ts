import type { DeltaRequest, DeltaResponse, WireResource } from "../src/protocol/messages.js";
import { nextRequest } from "../src/protocol/next-request.js";
import { createSubStream, type SubStream, type SubStreamLimits } from "../src/protocol/sub-stream.js";
import { want } from "../src/protocol/want.js";

export const TYPE = "type.googleapis.com/test.Thing";

/** A response of the test type. */
export function response(parts: Partial<DeltaResponse> = {}): DeltaResponse {
  return { typeUrl: TYPE, nonce: "n1", resources: [], removed: [], errors: [], ...parts };
}

/** A resource as it comes in a response. Its bytes are its version, unless told otherwise. */
export function wire(name: string, version = "1", parts: Partial<WireResource> = {}): WireResource {
  return { name, version, aliases: [], body: { typeUrl: TYPE, value: Buffer.from(version) }, ...parts };
}

/** A resource without a body. */
export function heartbeat(name: string, version: string, ttlMs?: number): WireResource {
  return { name, version, aliases: [], ...(ttlMs === undefined ? {} : { ttlMs }) };
}

/** Every request that is due. */
export function drain(sub: SubStream): DeltaRequest[] {
  const requests: DeltaRequest[] = [];
  for (let next = nextRequest(sub); next !== undefined; next = nextRequest(sub)) requests.push(next);
  return requests;
}

/** A sub-stream that wants names and whose first request was sent. */
export function startedSubStream(names: readonly string[], limits: Partial<SubStreamLimits> = {}): SubStream {
  const sub = createSubStream(TYPE, { resources: 1000, bytes: 1_000_000, ...limits });
  want(sub, names);
  drain(sub);
  return sub;
}

/** Name to version of what is held. */
export function versions(sub: SubStream): Record<string, string> {
  return Object.fromEntries([...sub.held.values()].map(({ name, version }) => [name, version]));
}

/** A judge that refuses nothing. */
export const anything = (): undefined => undefined;
