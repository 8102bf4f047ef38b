import { type LabAgent, startAgent } from "./agent.js";
import type { Home } from "./home.js";
import { redirector } from "./redirect.js";
import type { RedirectHook, RedirectRule } from "./redirect-rules.js";
import { type RunOptions, type RunResult, runIn } from "./run-in.js";

/** A namespace of a lab: a node or a pod. */
export interface LabPlace {
  /** Its name in the lab. */
  readonly name: string;
  /** The name of its network namespace, as in `ip netns`; `/run/netns/NAME` is its path. */
  readonly netns: string;
  /**
   * Path of its control group, in which its agent and what `run` runs are. Throws TestkitError `invalid-argument` in a lab
   * without `cgroups`.
   */
  readonly cgroup: string;
  /** Its IP addresses. */
  readonly addresses: readonly string[];
  /**
   * Puts exactly these redirections in force, in one step for each address family: no connection sees a state between the
   * old rules and the new. Connections that are open stay as they are. In a pod the rules are for what the pod sends, in a
   * node for what arrives from its pods and from other nodes.
   *
   * @throws TestkitError `invalid-argument`; `lab-failed`.
   */
  redirect(rules: readonly RedirectRule[]): Promise<void>;
  /** Runs a command there to its end. Throws TestkitError `deadline`. */
  run(command: string, args?: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** The agent of this place. It is started when it is first asked for, and again when it has ended. */
  agent(): Promise<LabAgent>;
}

/** A place, and how to end what runs for it. */
export interface OwnedPlace {
  readonly place: Omit<LabPlace, "cgroup">;
  /** Ends the agent, if there is one. */
  stop(): Promise<void>;
}

/** What a place whose namespace and control group exist can do. */
export function createPlace(name: string, home: Home, addresses: readonly string[], hook: RedirectHook): OwnedPlace {
  const { netns } = home;
  let agent: Promise<LabAgent> | undefined;
  return {
    place: {
      name,
      netns,
      addresses,
      redirect: redirector(netns, hook),
      run: (command, args = [], options = {}) => runIn(home, command, args, options),
      agent() {
        if (agent === undefined) {
          const forget = (): void => {
            agent = undefined;
          };
          agent = startAgent(home, forget);
          agent.catch(forget);
        }
        return agent;
      },
    },
    async stop() {
      await agent?.then(
        (running) => running.stop(),
        () => {},
      );
    },
  };
}
