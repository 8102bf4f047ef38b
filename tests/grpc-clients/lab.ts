import { eventually } from "@rxds/testkit";
import { expect } from "vitest";
import { type Backend, startBackend, WHO } from "./backend.js";
import { type ControlPlane, startControlPlane } from "./control-plane.js";
import { type Bootstrap, type GrpcClient, type Outcome, type Program, startGrpcClient } from "./grpc-client.js";
import { TARGET } from "./resources.js";

/** One control plane that serves nothing yet, one gRPC client of it, and two backends. */
export interface Lab {
  readonly plane: ControlPlane;
  readonly client: GrpcClient;
  readonly blue: Backend;
  readonly green: Backend;
  /** Calls a method of the target. */
  who(path?: string): Promise<Outcome>;
  /** Calls until a backend answers. */
  reaches(backend: Backend, path?: string): Promise<void>;
  /** As `reaches`; each call on the way has to succeed. */
  movesTo(backend: Backend): Promise<void>;
  /** Calls one after the other while something is done. Resolves with how each ended. */
  callWhile(action: () => Promise<void>): Promise<readonly Outcome[]>;
  /** Calls until a call fails as unavailable. */
  becomesUnavailable(): Promise<Outcome>;
}

/** The outcome of a call that ended at a backend. */
export const answeredBy = ({ name }: Backend): Outcome => ({ code: "OK", text: name });

/** How a lab differs from the usual. */
export interface LabOptions extends Pick<Bootstrap, "features"> {
  /** Another control plane, for when the first is away. Default: none. */
  readonly fallback?: ControlPlane;
}

/** Runs a test in a lab of its own. */
export async function inLab(
  program: Program,
  body: (lab: Lab) => Promise<void>,
  { fallback, features = [] }: LabOptions = {},
): Promise<void> {
  await using blue = await startBackend("blue");
  await using green = await startBackend("green");
  await using plane = await startControlPlane();
  await using client = startGrpcClient(program, {
    servers: [plane.address, ...(fallback === undefined ? [] : [fallback.address])],
    features,
  });
  const who = (path = WHO) => client.call(TARGET, path);
  const until = async (expected: Partial<Outcome>, path?: string): Promise<readonly Outcome[]> => {
    const outcomes: Outcome[] = [];
    await eventually(async () => expect(outcomes[outcomes.push(await who(path)) - 1]).toMatchObject(expected), {
      deadlineMs: 30_000,
    });
    return outcomes;
  };
  await body({
    plane,
    client,
    blue,
    green,
    who,
    async reaches(backend, path) {
      await until(answeredBy(backend), path);
    },
    async movesTo(backend) {
      const outcomes = await until(answeredBy(backend));
      expect(outcomes.filter(({ code }) => code !== "OK")).toEqual([]);
    },
    async callWhile(action) {
      const outcomes: Outcome[] = [];
      let over = false;
      const calling = (async () => {
        while (!over) outcomes.push(await who());
      })();
      try {
        await action();
      } finally {
        over = true;
        await calling;
      }
      return outcomes;
    },
    async becomesUnavailable() {
      return (await until({ code: "UNAVAILABLE" })).at(-1)!;
    },
  });
}
