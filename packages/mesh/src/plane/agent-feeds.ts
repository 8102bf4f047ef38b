import type { Snapshot } from "@rxds/core";
import { defer, finalize, type Observable, ReplaySubject, switchMap, tap } from "rxjs";
import { PLAN_PIECE, REDIRECT_PIECE } from "../pieces/piece-names.js";
import { planSnapshots } from "../pieces/plan-snapshots.js";
import { readyEntries } from "../plan/ready-entries.js";
import type { ListenerFacts } from "../plan/ready-plans.js";
import type { RedirectPlan } from "../plan/redirect-plan.js";
import { agentId } from "./agent-id.js";

/** Who knows what proxies and agents have accepted: a server of `serveXds`. */
export interface PlaneServer extends ListenerFacts {
  /** Resolves when a client has accepted a resource in that version. */
  holds(
    nodeId: string,
    typeUrl: string,
    name: string,
    options: { readonly version: string; readonly deadlineMs: number; readonly signal: AbortSignal },
  ): Promise<void>;
}

/** What the feeds of agents need of the plane. */
export interface AgentFeedHooks {
  /** The plans of a node, from when on the mesh knows it. */
  readonly plans: (node: string) => Observable<RedirectPlan>;
  /** A plan is in force on its node. */
  readonly applied: (node: string, generation: string) => void;
}

/** As long as a timer can be, in milliseconds. */
const FOR_EVER = 2 ** 31 - 1;

/** What the agents of nodes are shown: the ready entries of their plans, in pieces. */
export class AgentFeeds {
  /** The nodes whose agents are shown something, or wait for it. */
  readonly nodes = new Set<string>();
  readonly #server$ = new ReplaySubject<PlaneServer>(1);

  constructor(readonly hooks: AgentFeedHooks) {}

  /** Believes a server from now on. */
  follow(server: PlaneServer): void {
    this.#server$.next(server);
  }

  /** What the agent of a node is shown. Silent until there is a server to be believed. */
  snapshots(node: string): Observable<Snapshot> {
    return defer(() => {
      this.nodes.add(node);
      return this.#server$.pipe(
        switchMap((server) => this.#shownBy(server, node)),
        finalize(() => this.nodes.delete(node)),
      );
    });
  }

  #shownBy(server: PlaneServer, node: string): Observable<Snapshot> {
    let generation = "";
    let waiting: AbortController | undefined;
    const shown = readyEntries(this.hooks.plans(node), server).pipe(
      tap((plan) => {
        generation = plan.generation;
      }),
    );
    return planSnapshots(shown).pipe(
      tap((snapshot) => {
        waiting?.abort();
        waiting = new AbortController();
        this.#await(server, node, { generation, snapshot, signal: waiting.signal });
      }),
      finalize(() => waiting?.abort()),
    );
  }

  /** An agent acknowledges the piece of the plan as a whole when the plan is in force. */
  #await(
    server: PlaneServer,
    node: string,
    { generation, snapshot, signal }: { generation: string; snapshot: Snapshot; signal: AbortSignal },
  ): void {
    const { version } = snapshot.get(REDIRECT_PIECE, PLAN_PIECE)!;
    server.holds(agentId(node), REDIRECT_PIECE, PLAN_PIECE, { version, deadlineMs: FOR_EVER, signal }).then(
      () => {
        if (!signal.aborted) this.hooks.applied(node, generation);
      },
      () => {
        // Overtaken, or not in force for very long: proxies go on serving what an older plan may lead to.
      },
    );
  }
}
