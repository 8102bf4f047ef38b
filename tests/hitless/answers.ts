import { CATCH_ALL, type World } from "./world.js";

/** Requests that are alike: `port host prefix`. */
export type Target = string;

/** What a world routes, and to whom. */
export interface Answers {
  /** The clusters of each path that has a route of its own. */
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

/** The clusters that the requests of a target go to: those of the last route of their host if need be. None: they are not routed. */
function clustersOf({ routes }: Answers, target: Target): readonly string[] | undefined {
  return routes.get(target) ?? routes.get(target.slice(0, target.lastIndexOf(" ") + 1) + CATCH_ALL);
}

export function isRouted(answers: Answers, target: Target): boolean {
  return clustersOf(answers, target) !== undefined;
}

/** Which backends may answer while any of them is in force: old routes may lead to clusters that have new endpoints already. */
export function backendsOf(all: readonly Answers[], target: Target): ReadonlySet<string> {
  const names = new Set(all.flatMap((answers) => clustersOf(answers, target) ?? []));
  return new Set([...names].flatMap((name) => all.flatMap(({ backends }) => backends.get(name) ?? [])));
}

/** What any of them has a route of its own for, and all of them route. */
export function routedByAll(all: readonly Answers[]): Target[] {
  const targets = new Set(all.flatMap(({ routes }) => [...routes.keys()]));
  return [...targets].filter((target) => all.every((answers) => isRouted(answers, target)));
}
