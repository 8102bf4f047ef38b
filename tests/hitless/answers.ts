import { CATCH_ALL, type World } from "./world.js";

/** Requests that are alike: `port host prefix`. */
export type Target = string;

/** Which backends may answer, by target. What has no route of its own goes with the rest of its host: {@link backendsOf}. */
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

/** Which backends may answer the requests of a target; undefined: they are not routed. */
export function backendsOf(answers: Answers, target: Target): ReadonlySet<string> | undefined {
  return answers.get(target) ?? answers.get(target.slice(0, target.lastIndexOf(" ") + 1) + CATCH_ALL);
}

/** What any of them has a route of its own for, and all of them route. */
export function routedByAll(all: readonly Answers[]): Target[] {
  const targets = new Set(all.flatMap((answers) => [...answers.keys()]));
  return [...targets].filter((target) => all.every((answers) => backendsOf(answers, target) !== undefined));
}
