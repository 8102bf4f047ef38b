import type { RedirectPlan } from "@rxds/mesh/plan";
import { BehaviorSubject, type Observable, ReplaySubject, Subject, type Subscription } from "rxjs";
import type { Kernel } from "../kernel/kernel.js";
import { linuxKernel } from "../kernel/linux/linux-kernel.js";
import type { ServiceCounters } from "./counters.js";
import { countersOf } from "./counters-feed.js";
import { type OpenSink, openSink } from "./open-sink.js";
import type { RedirectSinkOptions } from "./options.js";
import type { SinkProblem } from "./problem.js";
import { type Door, doorsOf, ProxyWatch } from "./proxy-watch.js";
import { type Applied, SinkTables } from "./sink-tables.js";
import type { ReadyListeners } from "./target.js";

/** A plan could not be put into force; the one before stays. */
export interface SinkFailure {
  /** The plan's. */
  readonly generation: string;
  /** Why not: a `RedirectError` or what the kernel says. */
  readonly error: Error;
}

/** A redirect that follows plans. */
export interface RedirectSink {
  /** `"adopted"`: all was in the kernel as it should be; `"upgraded"`: programs were replaced or missing parts added. */
  readonly start: "created" | "adopted" | "upgraded";
  /** Each time a plan is in force, also when nothing had to be written. The last comes first. */
  readonly applied$: Observable<Applied>;
  /** Each time one could not be put into force. It is tried again with the next plan or change of readiness. */
  readonly failures$: Observable<SinkFailure>;
  /** The proxies that do not answer; now, and after each change. */
  readonly away$: Observable<ReadonlySet<string>>;
  /**
   * Counters of all services, now and every `everyMs` (default 1000) while subscribed.
   */
  counters(everyMs?: number): Observable<readonly ServiceCounters[]>;
  /** Stops following. All stays in force, and the next sink takes it over; `rxds-ebpf remove` or `removeRedirect` ends it. */
  close(): Promise<void>;
}

/**
 * Puts redirect plans into the kernel and keeps them there: each newest one, in the order in which no connection is lost.
 *
 * ```ts
 * const sink = await redirectSink({ plan$, proxyCgroups: ["/envoy"] });
 * sink.applied$.subscribe(({ generation, writes }) => console.log(generation, writes));
 * ```
 *
 * What is pinned from an earlier start is adopted as it is, and repaired where it differs. When the process ends, all stays in force.
 *
 * @throws RedirectError (by rejection)
 */
export async function redirectSink(options: RedirectSinkOptions): Promise<RedirectSink> {
  const kernel = options.kernel ?? linuxKernel();
  const open = await openSink(kernel, options);
  try {
    const tables = new SinkTables(kernel, open, options);
    await tables.read();
    return new Sink(kernel, open, tables, options);
  } catch (error) {
    open.close();
    throw error;
  }
}

class Sink implements RedirectSink {
  readonly applied$ = new ReplaySubject<Applied>(1);
  readonly failures$ = new Subject<SinkFailure>();
  readonly away$: BehaviorSubject<ReadonlySet<string>>;
  readonly #subscriptions: Subscription[] = [];
  readonly #watch: ProxyWatch;
  #plan: RedirectPlan | undefined;
  #ready: ReadyListeners | undefined;
  #awaitsReady: boolean;
  /** Whether there is something that was not worked at yet. */
  #dirty = false;
  #working: Promise<void> | undefined;
  #uncovered: readonly SinkProblem[] = [];
  /** Where the proxies of a plan are to listen. */
  #doors: { readonly plan: RedirectPlan; readonly of: readonly Door[] } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    readonly kernel: Kernel,
    readonly open: OpenSink,
    readonly tables: SinkTables,
    readonly options: RedirectSinkOptions,
  ) {
    const every = options.watchProxiesMs ?? 250;
    // Until the first look a proxy that was away still is. Who never looks would never know better.
    this.away$ = new BehaviorSubject<ReadonlySet<string>>(every > 0 ? tables.away : new Set());
    this.#watch = new ProxyWatch(kernel.places, open.cgroup.path);
    this.#awaitsReady = options.ready$ !== undefined;
    const fail = (error: unknown) => this.#fail(error);
    if (options.ready$ !== undefined) {
      const next = (ready: ReadyListeners) => {
        this.#ready = ready;
        this.#awaitsReady = false;
        this.#wake();
      };
      this.#subscriptions.push(options.ready$.subscribe({ next, error: fail }));
    }
    const next = (plan: RedirectPlan) => {
      this.#plan = plan;
      this.#wake();
    };
    this.#subscriptions.push(options.plan$.subscribe({ next, error: fail }));
    if (every > 0) this.#timer = setTimeout(() => void this.#look(every), every).unref();
  }

  get start() {
    return this.open.how;
  }

  counters(everyMs = 1000): Observable<readonly ServiceCounters[]> {
    return countersOf(this.kernel.maps, this.open.maps.counters, this.tables.names, everyMs);
  }

  async close(): Promise<void> {
    if (this.#closed) return this.#working;
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    await this.#working;
    this.tables.close();
    this.open.close();
    this.applied$.complete();
    this.failures$.complete();
    this.away$.complete();
  }

  /** Works at the newest plan: now, or when what is being worked at is done. */
  #wake(): void {
    this.#dirty = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#dirty && !this.#closed) this.#wake();
    });
  }

  async #work(): Promise<void> {
    // What comes in the same turn of the event loop is one change.
    await Promise.resolve();
    while (this.#dirty && !this.#closed) {
      this.#dirty = false;
      const plan = this.#plan;
      if (plan === undefined || this.#awaitsReady) return;
      try {
        const { problems, ...done } = await this.tables.apply(plan, this.#ready, () => this.away$.value);
        const others = this.open.others.map((other): SinkProblem => {
          const message = `${other} may see connections before they are redirected, or after: what it rewrites first is not found in the plan`;
          return { kind: "other-programs", message };
        });
        this.applied$.next({ ...done, problems: [...problems, ...this.#uncovered, ...others] });
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error));
        this.failures$.next({ generation: plan.generation, error: failure });
      }
    }
  }

  /** Looks after the proxies, and after workloads that were not there yet. */
  async #look(every: number): Promise<void> {
    const plan = this.#plan;
    try {
      if (plan !== undefined) {
        if (this.#doors?.plan !== plan) this.#doors = { plan, of: await doorsOf(plan, this.open.hostNetworkNamespace) };
        const { away, problems } = await this.#watch.look(this.#doors.of);
        const differ = (a: readonly SinkProblem[], b: readonly SinkProblem[]) =>
          a.map(({ message }) => message).join() !== b.map(({ message }) => message).join();
        const changed = differ(problems, this.#uncovered);
        this.#uncovered = problems;
        if (this.#closed) return;
        if (!sameSet(away, this.away$.value)) {
          this.tables.setAway(away);
          this.away$.next(away);
        }
        if ((await this.tables.placesChanged(plan)) || changed) this.#wake();
      }
    } catch (error) {
      this.failures$.next({
        generation: plan?.generation ?? "",
        error: error instanceof Error ? error : new Error(String(error)),
      });
    }
    if (!this.#closed) this.#timer = setTimeout(() => void this.#look(every), every).unref();
  }

  #fail(error: unknown): void {
    this.applied$.error(error);
  }
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}
