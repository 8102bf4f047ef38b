import type { Node } from "@rxds/envoy-api/envoy/config/core/v3/base";
import type { XdsStream } from "../stream/stream.js";
import type { XdsOptions } from "../xds-options.js";

/** The default of `XdsLimits.scopeMs`. */
const SCOPE_MS = 10_000;

/** What becomes of a client. */
export interface Verdict {
  /** It is shown what that key shows. May throw: then the client is refused. */
  admitted(stream: XdsStream, key: string): void;
  refused(stream: XdsStream, error: unknown): void;
}

/** Asks the user's `scope` which key a client is shown. */
export async function admit(stream: XdsStream, node: Node, options: XdsOptions, verdict: Verdict): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const answer = options.scope?.(node, stream.channel.peer) ?? "";
    if (typeof answer === "string") {
      verdict.admitted(stream, answer);
      return;
    }
    const ms = options.limits?.scopeMs ?? SCOPE_MS;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`scope took longer than ${ms} ms`)), ms);
    });
    verdict.admitted(stream, await Promise.race([answer, late]));
  } catch (error) {
    verdict.refused(stream, error);
  } finally {
    clearTimeout(timer);
  }
}
