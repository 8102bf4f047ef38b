import type { RedirectPlan } from "@rxds/mesh/plan";
import { z } from "zod";

/** What each schema expects is told by its error. */
const text = z.string("text");
const port = z.int("a port").min(0, "a port").max(65_535, "a port");
const list = <T extends z.ZodType>(of: T) => z.array(of, "a list");
const record = <T extends z.ZodRawShape>(of: T) => z.object(of, "an object");

const planSchema = record({
  node: text,
  generation: text,
  whenAway: z.literal("pass", '"pass"').optional(),
  groups: list(
    record({
      proxy: text,
      workloads: list(
        record({ name: text, addresses: list(text), networkNamespace: text.optional(), cgroup: text.optional() }),
      ),
      entries: list(
        record({
          address: text,
          port,
          protocol: z.enum(["tcp", "udp"], '"tcp" or "udp"'),
          service: text,
          to: record({ address: text, port }),
          listeners: list(text),
        }),
      ),
    }),
  ),
});

/** Reads a redirect plan from JSON. @throws Error that says where something else was expected */
export function parsePlan(json: string): RedirectPlan {
  let plan: unknown;
  try {
    plan = JSON.parse(json);
  } catch (cause) {
    throw new Error(`expected a redirect plan as JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const [issue] = planSchema.safeParse(plan, { reportInput: true }).error?.issues ?? [];
  if (issue === undefined) return plan as RedirectPlan;
  const at = issue.path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  throw new Error(`plan${at}: expected ${issue.message}, got ${JSON.stringify(issue.input) ?? "nothing"}`);
}
