import { type CheckOptions, type ScopedSource, type Snapshot, scoped, typeUrls } from "@rxds/core";
import {
  BehaviorSubject,
  defer,
  filter,
  finalize,
  NEVER,
  Observable,
  ReplaySubject,
  startWith,
  switchMap,
  take,
} from "rxjs";
import type { MeshProblem } from "../compile/problem.js";
import { SOURCE_CONFIGS } from "../compile/source-filters.js";
import type { MeshLike } from "../compile-mesh.js";
import { type CompilerUpdate, type DocumentChange, MeshCompiler } from "../graph/compiler.js";
import { type MeshProxy, parseProxyId, proxyId } from "../graph/proxy.js";
import { exists } from "../graph/proxy-view.js";
import { REDIRECT_PIECE } from "../pieces/piece-names.js";
import { type RedirectPlan, redirectPlan } from "../plan/redirect-plan.js";
import { AgentFeeds, type PlaneServer } from "./agent-feeds.js";
import { parseAgentId } from "./agent-id.js";
import { changesBetween } from "./changes.js";
import type { MeshPlane, MeshPlaneOptions } from "./plane.js";
import { ProxyFeed } from "./proxy-feed.js";
import { runInTurns } from "./turns.js";

/**
 * A running control plane for a mesh: each change costs what depends on it.
 *
 * ```ts
 * const plane = meshPlane(watchMesh("mesh"));
 * const server = await serveXds({ address: "127.0.0.1:18000", ...plane });
 * plane.follow(server);
 * ```
 *
 * An error of `mesh$` ends `problems$` and the plans with that error; proxies keep what they have.
 */
export function meshPlane(mesh$: Observable<MeshLike>, options: MeshPlaneOptions = {}): MeshPlane {
  return new Plane(mesh$, options.leaveAfterMs ?? 30_000);
}

/** A client names its key freely: so many may wait for a proxy that the mesh does not know (yet). */
const MOST_UNKNOWN = 1000;

/** The redirect plans of one node. */
interface PlanFeed {
  readonly plans$: ReplaySubject<RedirectPlan>;
  current: RedirectPlan | undefined;
}

class Plane implements MeshPlane {
  readonly #compiler = new MeshCompiler();
  readonly #shared$ = new ReplaySubject<Snapshot>(1);
  readonly #feeds = new Map<string, ProxyFeed>();
  readonly #agents = new AgentFeeds({
    plans: (node) => this.#plansOfKnown(node),
    applied: (node, generation) => this.applied(node, generation),
  });
  readonly #plans = new Map<string, PlanFeed>();
  /** Nodes of which somebody says which plan is in force. */
  readonly #reporting = new Set<string>();
  readonly #changed$ = new BehaviorSubject<unknown>(undefined);
  readonly #subscription;
  /** What was compiled last, or is being compiled. */
  #mesh: MeshLike | undefined;
  /** The newest mesh that was given, while another is being compiled. */
  #next: MeshLike | undefined;
  /** Gives up what is being compiled; undefined: nothing is. */
  #stop: (() => void) | undefined;
  /** Whether anything was compiled yet. */
  #ready = false;
  /** What has to wait until nothing is being compiled. */
  #waiting: (() => void)[] = [];

  constructor(
    mesh$: Observable<MeshLike>,
    readonly leaveAfterMs: number,
  ) {
    this.#subscription = mesh$.subscribe({
      next: (mesh) => this.#take(mesh),
      error: (error: unknown) => this.#fail(error),
    });
  }

  readonly scope = ({ id }: { readonly id: string }): string => {
    const agentOf = parseAgentId(id);
    const proxy = agentOf === undefined ? parseProxyId(id) : nodeProxy(agentOf);
    if (proxy === undefined) {
      const forms = `"sidecar~namespace/name" or "node~name" of a proxy, or "agent~name" of the agent of a node`;
      throw new Error(`expected a node.id ${forms}, got ${JSON.stringify(id)}`);
    }
    const isOpen = agentOf === undefined ? this.#feeds.has(id) : this.#agents.nodes.has(agentOf);
    if (!isOpen && !this.#isKnown(proxy) && this.#unknown() >= MOST_UNKNOWN) {
      throw new Error(`expected a proxy that the mesh knows: ${MOST_UNKNOWN} others are waiting to be known already`);
    }
    return id;
  };

  readonly snapshots = (key: string): ScopedSource => {
    const agentOf = parseAgentId(this.scope({ id: key }));
    if (agentOf !== undefined) {
      const own = { types: [REDIRECT_PIECE], snapshots: this.#agents.snapshots(agentOf) };
      return scoped(this.#shared$, NEVER.pipe(startWith({})), own);
    }
    const proxy = parseProxyId(key)!;
    // A view has one subscriber for each of its parts; the scope's is the last to leave.
    const scope$ = defer(() => this.#open(proxy).scope$).pipe(finalize(() => this.#close(proxy)));
    const own$ = defer(() => this.#open(proxy).own$);
    return scoped(this.#shared$, scope$, { types: [typeUrls.extensionConfig], snapshots: own$ });
  };

  readonly checks: CheckOptions = { external: { [typeUrls.extensionConfig]: SOURCE_CONFIGS } };

  redirectPlan(node: string): Observable<RedirectPlan> {
    return defer(() => {
      let feed = this.#plans.get(node);
      if (feed === undefined) {
        feed = { plans$: new ReplaySubject(1), current: undefined };
        this.#plans.set(node, feed);
        const fresh = feed;
        this.#whenIdle(() => this.#ready && this.#replan(node, fresh));
      }
      return feed.plans$;
    });
  }

  applied(node: string, generation: string): void {
    this.#reporting.add(node);
    this.#whenIdle(() => {
      if (this.#plans.get(node)?.current?.generation !== generation) return;
      for (const feed of this.#feeds.values()) if (this.#nodeOf(feed.proxy) === node) feed.settle();
    });
  }

  follow(server: PlaneServer): void {
    this.#agents.follow(server);
  }

  readonly problems$ = new Observable<readonly MeshProblem[]>((subscriber) =>
    this.#changed$.subscribe({
      next: () => {
        // While something is compiled there is nothing to tell, and soon something else.
        if (this.#ready && this.#stop === undefined) subscriber.next(this.#compiler.problems());
      },
      error: (error) => subscriber.error(error),
    }),
  );

  close(): void {
    this.#subscription.unsubscribe();
    this.#stop?.();
    for (const feed of this.#feeds.values()) feed.close();
  }

  /** Takes a mesh when nothing is being compiled any more: then the newest that was given. */
  #take(mesh: MeshLike): void {
    this.#next = mesh;
    while (this.#next !== undefined && this.#stop === undefined) this.#compile(this.#next);
  }

  #compile(mesh: MeshLike): void {
    const changes = changesBetween(this.#mesh, mesh);
    this.#next = undefined;
    this.#mesh = mesh;
    if (changes.length === 0 && this.#ready) return;
    let finished = false;
    // From now on, also for what listeners do in the first turn.
    this.#stop = () => {};
    const stop = runInTurns(
      this.#steps(changes),
      () => {
        finished = true;
        this.#stop = undefined;
        const waiting = this.#waiting;
        this.#waiting = [];
        for (const action of waiting) action();
        if (this.#next === undefined) this.#changed$.next(undefined);
        else this.#take(this.#next);
      },
      (error) => {
        finished = true;
        this.#stop = undefined;
        this.#fail(error);
      },
    );
    if (!finished) this.#stop = stop;
  }

  /** From changes to what everybody is shown. */
  *#steps(changes: Iterable<DocumentChange>): Generator<undefined, void> {
    const first = !this.#ready;
    const update = yield* this.#compiler.updating(changes);
    this.#show(update);
    for (const [node, feed] of this.#plans) {
      if (!first && !update.plans.has(node)) continue;
      this.#replan(node, feed);
      yield;
    }
  }

  /** Does something that needs what was compiled: now, or when what is being compiled is. */
  #whenIdle(action: () => void): void {
    if (this.#stop === undefined) action();
    else this.#waiting.push(action);
  }

  #show({ scopes, own }: CompilerUpdate): void {
    const first = !this.#ready;
    this.#ready = true;
    const of = (ids: Iterable<string>) => Array.from(first ? this.#feeds.keys() : ids, (id) => this.#feeds.get(id));
    const feeds = of(scopes).filter((feed) => feed !== undefined);
    // What is new must be in view before it is there, and what goes must be gone before it is out of view: else a proxy's
    // view would for a moment lack what its routes lead to.
    for (const feed of feeds) feed.widen();
    for (const feed of of(own)) feed?.renewOwn();
    this.#shared$.next(this.#compiler.snapshot);
    for (const feed of feeds) feed.narrow();
  }

  #replan(node: string, feed: PlanFeed): void {
    const plan = redirectPlan(node, this.#compiler);
    if (plan.generation === feed.current?.generation) return;
    feed.current = plan;
    feed.plans$.next(plan);
  }

  #open(proxy: MeshProxy): ProxyFeed {
    const id = proxyId(proxy);
    let feed = this.#feeds.get(id);
    if (feed === undefined) {
      const fresh = new ProxyFeed(proxy, this.#compiler, {
        leaveAfterMs: () => (this.#isReporting(proxy) ? undefined : this.leaveAfterMs),
        whenIdle: (action) => this.#whenIdle(action),
      });
      feed = fresh;
      this.#feeds.set(id, fresh);
      this.#whenIdle(() => {
        this.#compiler.open(proxy);
        if (!this.#ready) return;
        fresh.widen();
        fresh.renewOwn();
        this.#shared$.next(this.#compiler.snapshot);
      });
    }
    return feed;
  }

  #close(proxy: MeshProxy): void {
    const id = proxyId(proxy);
    this.#feeds.get(id)?.close();
    this.#feeds.delete(id);
    this.#whenIdle(() => {
      this.#compiler.close(proxy);
      if (this.#ready) this.#shared$.next(this.#compiler.snapshot);
    });
  }

  /** The plans of a node, as long as the mesh knows it: of one that is gone the last one stays in force. */
  #plansOfKnown(node: string): Observable<RedirectPlan> {
    const isKnown = () => this.#ready && this.#isKnown(nodeProxy(node));
    return this.#changed$.pipe(
      filter(() => this.#stop === undefined && isKnown()),
      take(1),
      switchMap(() => this.redirectPlan(node)),
      filter(isKnown),
    );
  }

  #isKnown(proxy: MeshProxy): boolean {
    return exists(proxy, this.#compiler);
  }

  #unknown(): number {
    if (this.#feeds.size + this.#agents.nodes.size < MOST_UNKNOWN) return 0;
    const proxies = [...this.#feeds.values()].map(({ proxy }) => proxy);
    return [...proxies, ...Array.from(this.#agents.nodes, nodeProxy)].filter((proxy) => !this.#isKnown(proxy)).length;
  }

  #isReporting(proxy: MeshProxy): boolean {
    const node = this.#nodeOf(proxy);
    return node !== undefined && this.#reporting.has(node);
  }

  #nodeOf(proxy: MeshProxy): string | undefined {
    return proxy.kind === "node" ? proxy.node : this.#compiler.index.workloads.get(proxy.workload)?.spec.node;
  }

  #fail(error: unknown): void {
    for (const { plans$ } of this.#plans.values()) plans$.error(error);
    this.#changed$.error(error);
  }
}

const nodeProxy = (node: string): MeshProxy => ({ kind: "node", node });
