import type { Node } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { limitsOf } from "../limits/limits.js";
import type { Peer } from "../stream/channel.js";
import type { XdsStream } from "../stream/stream.js";
import type { XdsOptions } from "../xds-options.js";

/** What becomes of a client. */
export interface Verdict<Stream = XdsStream> {
  /** It is shown what that key shows. May throw: then the client is refused. */
  admitted(stream: Stream, key: string): void;
  refused(stream: Stream, error: unknown): void;
}

/** Asks the user's `scope` which key a client is shown. */
export async function admit<Stream extends { readonly channel: { readonly peer: Peer } }>(
  stream: Stream,
  node: Node,
  options: XdsOptions,
  verdict: Verdict<Stream>,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = options.scope?.(node, stream.channel.peer) ?? "";
    if (typeof answer === "string") {
      verdict.admitted(stream, answer);
      return;
    }
    const ms = limitsOf(options.limits).scopeMs;
    const late = new Promise<never>((_, reject) => {
      if (ms < Number.POSITIVE_INFINITY)
        timer = setTimeout(() => reject(new Error(`scope took longer than ${ms} ms`)), ms);
    });
    verdict.admitted(stream, await Promise.race([answer, late]));
  } catch (error) {
    verdict.refused(stream, error);
  } finally {
    clearTimeout(timer);
  }
}
