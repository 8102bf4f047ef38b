import type { Response } from "./messages.js";
import type { Topic } from "./topic.js";

/** How a client rejects a response. */
export interface Verdict {
  /** Whom its words blame. */
  readonly blamed: readonly string[];
  /** What it does not use. */
  readonly refused: ReadonlySet<string>;
  /** Whether it uses the rest. */
  readonly partly: boolean;
}

/** What a client makes of a response: undefined: it accepts it. */
export function verdictOn(topic: Topic, { resources }: Response): Verdict | undefined {
  const all = resources.map(({ name }) => name);
  const poison = ({ name, value }: { name: string; value: number }) => topic.poison.get(`${name}=${value}`);
  const poisoned = resources.filter((one) => poison(one) !== undefined);
  const bad = poisoned.map(({ name }) => name);
  const rejection = topic.reject ?? (poisoned[0] && poison(poisoned[0]));
  if (rejection === undefined) return undefined;
  // A client without poison is just moody: it blames whoever comes first.
  const first = topic.reject === undefined ? bad : all.slice(0, 1);
  const blamed = rejection.blame === "nobody" ? [] : rejection.blame === "all" ? all : first;
  return { blamed, refused: new Set([...blamed, ...bad]), partly: rejection.partly };
}
