import { type RedirectSink, type RedirectSinkOptions, redirectSink } from "@rxds/ebpf";
import type { RedirectPlan } from "@rxds/mesh/plan";
import { ReplaySubject } from "rxjs";
import type { AgentOptions } from "./run-agent.js";

/** Options of `ebpfSink`: those of `redirectSink`, whose plans are the agent's. */
export type EbpfSinkOptions = Omit<RedirectSinkOptions, "plan$">;

/** A redirect in the kernel that waits for an agent. */
export interface OpenEbpfSink {
  /** What puts plans into force. */
  readonly redirect: RedirectSink;
  /** For the agent; it closes the redirect with it. */
  readonly sink: AgentOptions["sink"];
}

/** Opens a redirect in the kernel, for an agent that is started then. @throws RedirectError (by rejection) */
export async function openEbpfSink(options: EbpfSinkOptions = {}): Promise<OpenEbpfSink> {
  const plan$ = new ReplaySubject<RedirectPlan>(1);
  const redirect = await redirectSink({ ...options, plan$ });
  return {
    redirect,
    sink(plans$) {
      const following = plans$.subscribe(plan$);
      return {
        applied$: redirect.applied$,
        failures$: redirect.failures$,
        async close() {
          following.unsubscribe();
          await redirect.close();
        },
      };
    },
  };
}

/**
 * What puts plans into force in the kernel. It is open when this resolves: what is missing is told before an agent connects.
 *
 * ```ts
 * const agent = runAgent({ node: "node-a", address: "unix:/run/mesh/xds.sock", sink: await ebpfSink() });
 * ```
 *
 * @throws RedirectError (by rejection)
 */
export async function ebpfSink(options: EbpfSinkOptions = {}): Promise<AgentOptions["sink"]> {
  return (await openEbpfSink(options)).sink;
}
