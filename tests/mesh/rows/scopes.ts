import type { Row } from "./row.js";

const AT = "EgressScope";

/** What callers see. */
export const scopes: readonly Row[] = [
  {
    name: "only what the scope names is seen",
    covers: [`${AT}.services[]`, `${AT}.selector.matchLabels.*`],
    ask: async ({ brief, http }) => [
      await brief("far/narrow", "green"),
      await brief("far/narrow", "guarded/all"),
      (await http("far/narrow", "echo", { timeoutMs: 1000 })).status ?? "not seen",
      // Of its own namespace, which it would see without the scope.
      (await http("far/narrow", "far/far", { timeoutMs: 1000 })).status ?? "not seen",
    ],
    expect: ["200 back-b", "200 vault", "not seen", "not seen"],
  },
  {
    name: "more than what is inferred is seen",
    covers: [`${AT}.also[]`],
    ask: async ({ brief, http }) => [
      await brief("guarded/vault", "match"),
      (await http("guarded/vault", "blue", { timeoutMs: 1000 })).status ?? "not seen",
    ],
    expect: ["200 back-a", "not seen"],
  },
];
