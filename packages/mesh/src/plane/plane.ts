import type { CheckOptions, ScopedSource } from "@rxds/core";
import type { Observable } from "rxjs";
import type { MeshProblem } from "../compile/problem.js";
import type { RedirectPlan } from "../plan/redirect-plan.js";
import type { PlaneServer } from "./agent-feeds.js";

/** Options of `meshPlane`. */
export interface MeshPlaneOptions {
  /**
   * How long a proxy goes on serving what its callers see no more, where nobody says by `applied` that they are not redirected
   * to it any more, in milliseconds. Default: 30000.
   */
  readonly leaveAfterMs?: number;
}

/** A mesh as a source of configurations for `serveXds`, and of redirect plans. */
export interface MeshPlane {
  /**
   * For `serveXds`: the key of a client, its `node.id`, which is believed. Where clients could lie, compare it with the client's
   * certificate in a function of your own that returns the same.
   * @throws Error for an id that is neither a proxy's, `"sidecar~namespace/name"` or `"node~name"`, nor the agent's of a node,
   *   `"agent~name"`; and for one of a proxy or node that the mesh does not know, when a thousand such are waiting already.
   */
  readonly scope: (node: { readonly id: string }) => string;
  /**
   * For `serveXds`: what the client of a key is shown. Silent until the mesh knows the workload or node. The agent of a node is
   * shown the ready entries of its redirect plans (`readyEntries`), in pieces, from the call of `follow` on.
   */
  readonly snapshots: (key: string) => ScopedSource;
  /** For `serveXds`: what its resources name that is of the proxies' own. */
  readonly checks: CheckOptions;
  /** Where connections of a node's workloads are to be redirected to; each plan is another than the one before. */
  redirectPlan(node: string): Observable<RedirectPlan>;
  /**
   * A plan of a node is in force: nobody is redirected any more as an older one said. From the first call on, proxies of the
   * node serve what their callers see no more until this is called with the newest plan's generation.
   */
  applied(node: string, generation: string): void;
  /**
   * Believes the server that serves this plane: which listeners are ready for agents to redirect to, and which plans agents have
   * acknowledged. An agent does so when a plan is in force, so `applied` need not be called for nodes that have one. Call it once.
   */
  follow(server: PlaneServer): void;
  /** What is wrong with the mesh's documents; now, and after each change. Costs the size of the mesh while subscribed. */
  readonly problems$: Observable<readonly MeshProblem[]>;
  /** Lets go of the mesh. What was shown last stays shown. */
  close(): void;
}
