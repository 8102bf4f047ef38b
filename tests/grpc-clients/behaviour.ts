import { describe } from "vitest";
import { testAbsence, testFallback } from "./absence.js";
import { testDeletion } from "./deletion.js";
import type { Program } from "./grpc-client.js";
import { testRejection } from "./rejection.js";
import { testRouting } from "./routing.js";

/** What not every gRPC client does. */
export interface Abilities {
  /**
   * Whether it uses another control plane while the first is away (gRPC proposal A71), and whether it then takes all from
   * the first again: grpc-go 1.85 asks it for the listener, and when that is the same for nothing else.
   */
  readonly fallback: "none" | "stays" | "returns";
  /**
   * Whether a route that is switched to another cluster costs it no call. With grpc-go 1.85 calls can fail at that moment,
   * because they were given a cluster that the load balancer does not know yet, or no more.
   */
  readonly smooth: boolean;
}

/** What has to hold with every gRPC client: rules 68 to 72 of docs/protocol.md. `program` says how it is started. */
export function describeGrpcClient(name: string, { fallback, smooth }: Abilities, program: () => Program): void {
  describe(name, () => {
    testRouting(program, { smooth });
    testAbsence(program);
    if (fallback !== "none") testFallback(program, { returns: fallback === "returns" });
    testRejection(program);
    testDeletion(program, { smooth });
  });
}
