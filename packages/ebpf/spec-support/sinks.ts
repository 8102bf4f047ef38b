import type { RedirectPlan } from "@rxds/mesh";
import { BehaviorSubject, filter, firstValueFrom } from "rxjs";
import type { OpenMachine } from "../src/kernel/memory/memory-kernel.js";
import type { RedirectSinkOptions } from "../src/sink/options.js";
import { type RedirectSink, redirectSink } from "../src/sink/redirect-sink.js";
import type { Applied } from "../src/sink/sink-tables.js";
import { OBJECTS } from "./objects.js";
import { plan } from "./plans.js";

/** Where sinks pin. */
export const PINS = "/sys/fs/bpf/rxds";

/** Starts a sink on a machine in memory. Unless told otherwise it does not look after proxies. */
export function start(on: OpenMachine, options: Partial<RedirectSinkOptions> = {}): Promise<RedirectSink> {
  const rest = { kernel: on.process(), object: OBJECTS.one, watchProxiesMs: 0 };
  return redirectSink({ plan$: new BehaviorSubject(plan()), ...rest, ...options });
}

/** Resolves when a plan is in force. */
export function applied(sink: RedirectSink, { generation }: RedirectPlan): Promise<Applied> {
  return firstValueFrom(sink.applied$.pipe(filter((one) => one.generation === generation)));
}
