import { CATCH_ALL, type World } from "./world.js";

/** Requests that are alike: `port host prefix`. */
export type Target = string;

/** What a world routes, and to whom. */
export interface Answers {
  /** The clusters of each target. What has no route of its own goes with the rest of its host: {@link clustersOf}. */
  readonly routes: ReadonlyMap<Target, readonly string[]>;
  /** The backends of each cluster. */
  readonly backends: ReadonlyMap<string, readonly string[]>;
}

export function answersOf({ listeners, clusters }: World): Answers {
  const routes = listeners.flatMap(({ port, hosts }) =>
    hosts.flatMap(({ domain, routes }) =>
      routes.map(({ prefix, weights }) => {
        const names = Object.keys(weights).filter((name) => weights[name] !== 0);
        return [`${port} ${domain} ${prefix}`, names] as const;
      }),
    ),
  );
  return { routes: new Map(routes), backends: new Map(clusters.map(({ name, backends }) => [name, backends])) };
}

/** Which clusters the requests of a target go to; undefined: they are not routed. */
export function clustersOf({ routes }: Answers, target: Target): readonly string[] | undefined {
  return routes.get(target) ?? routes.get(target.slice(0, target.lastIndexOf(" ") + 1) + CATCH_ALL);
}

/**
 * Which backends may answer while each of them may be in force: a request takes its route from one of them, and the endpoints of the
 * cluster, some time later, from any.
 */
export function backendsOf(all: readonly Answers[], target: Target): ReadonlySet<string> {
  const names = new Set(all.flatMap((answers) => clustersOf(answers, target) ?? []));
  return new Set([...names].flatMap((name) => all.flatMap(({ backends }) => backends.get(name) ?? [])));
}

/** What any of them has a route of its own for, and all of them route. */
export function routedByAll(all: readonly Answers[]): Target[] {
  const targets = new Set(all.flatMap(({ routes }) => [...routes.keys()]));
  return [...targets].filter((target) => all.every((answers) => clustersOf(answers, target) !== undefined));
}
