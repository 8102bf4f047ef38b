import type { World } from "./world.js";

/** Requests that are alike: `port host prefix`. */
export type Target = string;

/** Which backends may answer, by target. */
export type Answers = ReadonlyMap<Target, ReadonlySet<string>>;

/** What a world routes, and to whom. */
export function answersOf({ listeners, clusters }: World): Answers {
  const backends = new Map(clusters.map((cluster) => [cluster.name, cluster.backends]));
  return new Map(
    listeners.flatMap(({ port, hosts }) =>
      hosts.flatMap(({ domain, routes }) =>
        routes.map(({ prefix, weights }) => {
          const names = Object.keys(weights).filter((name) => weights[name] !== 0);
          return [`${port} ${domain} ${prefix}`, new Set(names.flatMap((name) => backends.get(name) ?? []))] as const;
        }),
      ),
    ),
  );
}

/** What all of them route. */
export function routedByAll(all: readonly Answers[]): Target[] {
  const [first, ...rest] = all;
  return [...(first?.keys() ?? [])].filter((target) => rest.every((answers) => answers.has(target)));
}
