import { setMaxListeners } from "node:events";
import { from, map, Observable, switchMap } from "rxjs";
import type { RedirectPlan } from "./redirect-plan.js";

/** Who knows what proxies have accepted: a server of `serveXds`. */
export interface ListenerFacts {
  /** Resolves when a proxy has accepted a listener and all that it needs to serve. */
  listenerReady(
    proxy: string,
    listener: string,
    options: { readonly deadlineMs: number; readonly signal?: AbortSignal },
  ): Promise<void>;
}

/** As long as a timer can be. */
const FOR_EVER = 2 ** 31 - 1;

/**
 * Resolves when every listener is ready that a plan leads to: from then on it can be put into force.
 *
 * @param options `deadlineMs`: default about 24 days. `signal`: gives up when it aborts.
 * @throws What `listenerReady` throws after the deadline, or the signal's reason.
 */
export async function planReady(
  plan: RedirectPlan,
  facts: ListenerFacts,
  { deadlineMs = FOR_EVER, signal }: { readonly deadlineMs?: number; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const options = signal === undefined ? { deadlineMs } : { deadlineMs, signal: forMany(signal) };
  await Promise.all(
    plan.groups.flatMap(({ proxy, entries, inbound }) =>
      [...new Set([...entries.flatMap(({ listeners }) => listeners), ...(inbound ? [inbound.listener] : [])])].map(
        (listener) => facts.listenerReady(proxy, listener, options),
      ),
    ),
  );
}

/** A signal that any number may listen to: a plan has hundreds of listeners, and Node.js warns of a leak from eleven on. */
function forMany(signal: AbortSignal): AbortSignal {
  const own = AbortSignal.any([signal]);
  setMaxListeners(0, own);
  return own;
}

/** The newest of a node's plans, each as soon as it is ready. One that is overtaken before it is, is left out. */
export function readyPlans(plans$: Observable<RedirectPlan>, facts: ListenerFacts): Observable<RedirectPlan> {
  return plans$.pipe(
    switchMap(
      (plan) =>
        new Observable<RedirectPlan>((subscriber) => {
          const stop = new AbortController();
          const ready = from(planReady(plan, facts, { signal: stop.signal })).pipe(map(() => plan));
          const subscription = ready.subscribe(subscriber);
          return () => {
            subscription.unsubscribe();
            stop.abort();
          };
        }),
    ),
  );
}
