/** How the server is to push. */
export interface Pushing {
  /** Default: true. False: plain pushing in order. */
  readonly hitless?: boolean;
  /** How long a request can be held by Envoy before it is routed, and more, in ms. */
  readonly lingerMs: number;
  /** As long as Envoy's `--drain-time-s`, in ms. */
  readonly drainMs: number;
}

/** The server's option for it. */
export function pushingOptions({ hitless = true, lingerMs, drainMs }: Pushing): object {
  return { hitless: hitless && { lingerMs, drainMs } };
}
