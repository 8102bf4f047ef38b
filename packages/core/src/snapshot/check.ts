import type { Reference, Resource } from "../resource/resource.js";
import { createAliasOwners } from "./alias-owners.js";
import { type Diff, diff } from "./diff.js";
import type { Problem } from "./problem.js";
import { createSnapshot, type ResourceKey, type Snapshot } from "./snapshot.js";

/** How references are judged. */
export interface CheckOptions {
  /**
   * What a reference to a resource that is not there is. `"warn"` (default): a warning, since it may live in the
   * client's bootstrap, be fetched on demand, or come from another source. `"strict"`: an error. `"ignore"`: nothing.
   */
  readonly references?: "warn" | "strict" | "ignore";
  /**
   * Names that live elsewhere, by type URL: no reference to them is reported. Such as those of resources that views of a shared
   * configuration have of their own.
   */
  readonly external?: Readonly<Record<string, readonly string[]>>;
}

/** Anything that resources can be looked up in. */
export interface ResourceLookup {
  /** The resource of that type and name. */
  get(typeUrl: string, name: string): Resource | undefined;
}

/**
 * Checks a snapshot: duplicate names, resources that no client would take, references that lead nowhere. O(n); a store
 * does the same for each change in O(changed).
 */
export function check(snapshot: Snapshot, options: CheckOptions = {}): readonly Problem[] {
  const checker = createChecker(options);
  return checker.check(diff(undefined, snapshot), createSnapshot(), snapshot, snapshot.duplicates);
}

/** A check that follows a configuration change by change. */
export interface Checker {
  /**
   * The problems that a change would bring, not those that stood before. Costs O(changed), with the resources that name
   * a removed one. Changes nothing.
   */
  check(
    change: Diff,
    before: ResourceLookup,
    after: ResourceLookup,
    duplicates?: readonly ResourceKey[],
  ): readonly Problem[];
  /** Takes the change as done. `before` is the state before it. */
  commit(change: Diff, before: ResourceLookup): void;
}

const keyOf = (type: string, name: string): string => `${type}\0${name}`;

/** A checker for a configuration that is empty at first. */
export function createChecker(options: CheckOptions = {}): Checker {
  const { references = "warn" } = options;
  const external = new Set<string>();
  for (const [type, names] of Object.entries(options.external ?? {}))
    for (const name of names) external.add(keyOf(type, name));
  const aliases = createAliasOwners();
  /** For each name that is referred to: the resources that do. */
  const referrers = new Map<string, Map<string, ResourceKey>>();

  const dangling = (from: ResourceKey, to: Reference): Problem => ({
    severity: references === "strict" ? "error" : "warning",
    code: "dangling-reference",
    type: from.type,
    name: from.name,
    path: to.path,
    message: `names ${to.type.slice(to.type.lastIndexOf(".") + 1)} ${JSON.stringify(to.name)}, which is not there`,
  });

  const unlink = (resource: Resource) => {
    for (const { type, name } of resource.references ?? []) {
      const from = referrers.get(keyOf(type, name));
      from?.delete(keyOf(resource.type, resource.name));
      if (from?.size === 0) referrers.delete(keyOf(type, name));
    }
  };

  const link = (resource: Resource) => {
    for (const { type, name } of resource.references ?? []) {
      const target = keyOf(type, name);
      let from = referrers.get(target);
      if (from === undefined) {
        from = new Map();
        referrers.set(target, from);
      }
      from.set(keyOf(resource.type, resource.name), { type: resource.type, name: resource.name });
    }
  };

  return {
    check(change, before, after, duplicates = []) {
      const problems: Problem[] = [...duplicates.map(duplicate), ...aliases.check(change, after)];
      for (const resource of change.upserts) {
        problems.push(...ownProblems(resource));
        if (references === "ignore") continue;
        for (const reference of resource.references ?? []) {
          const known = external.has(keyOf(reference.type, reference.name));
          if (!known && after.get(reference.type, reference.name) === undefined)
            problems.push(dangling(resource, reference));
        }
      }
      if (references === "ignore") return problems;
      for (const { type, name } of change.removals) {
        if (external.has(keyOf(type, name))) continue;
        for (const from of referrers.get(keyOf(type, name))?.values() ?? []) {
          const resource = after.get(from.type, from.name);
          // One that changed as well was looked at above.
          if (resource === undefined || resource !== before.get(from.type, from.name)) continue;
          const reference = resource.references?.find((one) => one.type === type && one.name === name);
          if (reference !== undefined) problems.push(dangling(resource, reference));
        }
      }
      return problems;
    },
    commit(change, before) {
      aliases.commit(change, before);
      if (references === "ignore") return;
      for (const { type, name } of [...change.upserts, ...change.removals]) {
        const old = before.get(type, name);
        if (old !== undefined) unlink(old);
      }
      for (const resource of change.upserts) link(resource);
    },
  };
}

function duplicate({ type, name }: ResourceKey): Problem {
  const message = "another resource of this type has the same name: names must be unique within a type";
  return { severity: "error", code: "duplicate-name", type, name, path: "", message };
}

function ownProblems(resource: Resource): Problem[] {
  const { type, name } = resource;
  return (resource.problems ?? []).map(({ path, message }) => ({
    severity: "error",
    code: "invalid-resource",
    type,
    name,
    path,
    message,
  }));
}
