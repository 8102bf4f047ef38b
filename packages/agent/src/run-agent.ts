import {
  type ConnectionStatus,
  checkXdsClientOptions,
  createXdsClient,
  type XdsClient,
  type XdsClientOptions,
  type XdsSubscription,
} from "@rxds/client";
import { agentId, PLAN_PIECE, REDIRECT_PIECE, type RedirectPlan } from "@rxds/mesh/plan";
import { BehaviorSubject, type Observable } from "rxjs";
import type { AgentError } from "./agent-error.js";
import type { AgentSink, FailedPlan, SinkProblem } from "./agent-sink.js";
import { createHandOver, type HandOver, type HandOverHooks, type StartSink } from "./hand-over.js";
import { createPlanFollower } from "./plan-follower.js";

/** What an agent needs to know. */
export interface AgentOptions
  extends Pick<
    XdsClientOptions,
    "address" | "credentials" | "insecure" | "channelOptions" | "reconnect" | "connectTimeoutMs" | "logger"
  > {
  /** The name of the node that the agent runs on, as in the mesh. */
  readonly node: string;
  /**
   * Starts what puts plans into force, at once or asynchronously; called once. Plans come one after the other, each another than the
   * one before, but for one that failed: it may come again. Plans that come before the sink has started wait for it, the newest.
   */
  readonly sink: (plan$: Observable<RedirectPlan>) => AgentSink | Promise<AgentSink>;
}

/** How an agent stands. */
export interface AgentStatus {
  /** The connection to the control plane. */
  readonly connection: ConnectionStatus;
  /** The generation of the newest plan that came; undefined: none came since the agent started. */
  readonly plan: string | undefined;
  /** The generation of the plan that is in force; undefined: the sink has not told yet. */
  readonly applied: string | undefined;
  /** What of the plan in force the sink could not do. */
  readonly problems: readonly SinkProblem[];
  /** The last plan that could not be put into force; undefined: none, or another is in force since. */
  readonly failed: FailedPlan | undefined;
  /** The sink could not be started, or says nothing any more: every plan is refused from then on. */
  readonly sinkError: AgentError | undefined;
}

/** A running agent. */
export interface Agent extends AsyncDisposable {
  /** How it stands now. */
  readonly status: AgentStatus;
  /** The same, with every change. The present status comes first. Completes when the agent is closed. */
  readonly status$: Observable<AgentStatus>;
  /** Stops. What is in force stays in force. */
  close(): Promise<void>;
}

/**
 * Follows the redirect plan of a node and lets a sink put it into force. The control plane gets an answer to each plan: an ACK when
 * it is in force, a NACK with the sink's reason when it cannot be. While the control plane is away, everything stays as it is;
 * after that only what differs is sent.
 *
 * The control plane is a `meshPlane` whose server it follows: `plane.follow(server)`.
 *
 * @throws XdsClientError `insecure` for an address off loopback without credentials, `invalid-argument`; and what `sink` throws.
 */
export function runAgent({ sink: start, ...options }: AgentOptions): Agent {
  let closing: Promise<void> | undefined;
  const client = createXdsClient(clientOptions(options));
  const none = { plan: undefined, applied: undefined, problems: [], failed: undefined, sinkError: undefined };
  const status = new BehaviorSubject<AgentStatus>({ connection: client.status, ...none });
  const change = (part: Partial<AgentStatus>) => status.next({ ...status.value, ...part });
  const handOver = startSink(start, client, { ended: (sinkError) => change({ sinkError }), late: () => askAgain() });
  const { applied$, failures$ } = handOver;
  const ignore = () => {
    // The hand-over answers for it, and tells the status.
  };
  const following = [
    client.status$.subscribe((connection) => change({ connection })),
    applied$.subscribe({
      next: ({ generation, problems }) => change({ applied: generation, problems, failed: undefined }),
      error: ignore,
    }),
    failures$.subscribe({ next: (failed) => change({ failed }), error: ignore }),
  ];
  const follow = createPlanFollower((plan) => {
    change({ plan: plan.generation });
    return handOver.put(plan);
  });
  /** What asks for the plan by its name, too, so that it comes again though it was refused. */
  let again: XdsSubscription | undefined;
  client.subscribe(REDIRECT_PIECE, "*", {
    async confirm(pieces) {
      try {
        await follow(pieces);
      } finally {
        if (pieces.upserts.some(({ name }) => name === PLAN_PIECE)) again?.close();
      }
    },
  });

  /** A sink may try again by itself: the control plane was told that the plan is not in force, and now it is. */
  function askAgain(): void {
    again?.close();
    if (closing === undefined) again = client.subscribe(REDIRECT_PIECE, PLAN_PIECE);
  }

  async function close(): Promise<void> {
    await client.close();
    for (const each of following) each.unsubscribe();
    await handOver.close();
    status.complete();
  }
  const closeOnce = () => {
    closing ??= close();
    return closing;
  };
  return {
    get status() {
      return status.value;
    },
    status$: status.asObservable(),
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}

const clientOptions = ({ node, ...options }: Omit<AgentOptions, "sink">): XdsClientOptions => ({
  ...options,
  node: { id: agentId(node), userAgentName: "rxds-agent" },
});

/**
 * Looks whether an agent can be run with these options, before a sink is opened for it.
 *
 * @throws XdsClientError `insecure` for an address off loopback without credentials, `invalid-argument`.
 */
export function checkAgentOptions(options: Omit<AgentOptions, "sink">): void {
  checkXdsClientOptions(clientOptions(options));
}

function startSink(start: StartSink, client: XdsClient, hooks: HandOverHooks): HandOver {
  try {
    return createHandOver(start, hooks);
  } catch (error) {
    void client.close();
    throw error;
  }
}
