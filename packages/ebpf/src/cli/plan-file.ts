import type { RedirectPlan } from "@rxds/mesh/plan";

type Check = (value: unknown, at: string) => void;

/** Checks a value; the error says where it is, and what was expected. */
const expected =
  (what: string, fits: (value: unknown) => boolean): Check =>
  (value, at) => {
    if (!fits(value)) throw new Error(`${at}: expected ${what}, got ${JSON.stringify(value) ?? "nothing"}`);
  };

const list =
  (each: Check): Check =>
  (value, at) => {
    if (!Array.isArray(value)) throw new Error(`${at}: expected a list, got ${JSON.stringify(value) ?? "nothing"}`);
    for (const [i, one] of value.entries()) each(one, `${at}[${i}]`);
  };

const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value, at) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new Error(`${at}: expected an object, got ${JSON.stringify(value) ?? "nothing"}`);
    for (const [name, check] of Object.entries(fields))
      check((value as Record<string, unknown>)[name], `${at}.${name}`);
  };

const optional =
  (check: Check): Check =>
  (value, at) => {
    if (value !== undefined) check(value, at);
  };

const text = expected("text", (value) => typeof value === "string");
const port = expected("a port", (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535);

const planShape = record({
  node: text,
  generation: text,
  whenAway: optional(expected('"pass"', (value) => value === "pass")),
  groups: list(
    record({
      proxy: text,
      workloads: list(
        record({ name: text, addresses: list(text), networkNamespace: optional(text), cgroup: optional(text) }),
      ),
      entries: list(
        record({
          address: text,
          port,
          protocol: expected('"tcp" or "udp"', (value) => value === "tcp" || value === "udp"),
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
  planShape(plan, "plan");
  return plan as RedirectPlan;
}
