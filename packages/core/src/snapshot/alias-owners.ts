import type { Resource } from "../resource/resource.js";
import type { ResourceLookup } from "./check.js";
import type { Diff } from "./diff.js";
import type { Problem } from "./problem.js";

const keyOf = (type: string, name: string): string => `${type}\0${name}`;

/** Whose alias a name is. Follows a configuration change by change; only resources with aliases cost anything. */
export interface AliasOwners {
  /** Names that would stand for two resources after a change. */
  check(change: Diff, after: ResourceLookup): readonly Problem[];
  /** Takes the change as done. */
  commit(change: Diff, before: ResourceLookup): void;
}

export function createAliasOwners(): AliasOwners {
  /** By type and alias: the name of the resource that has it. */
  const owners = new Map<string, string>();
  return {
    check(change, after) {
      const problems: Problem[] = [];
      const fresh = new Map<string, string>();
      const claim = (resource: Resource, alias: string) => {
        const { type, name } = resource;
        const key = keyOf(type, alias);
        const owner = fresh.get(key) ?? owners.get(key);
        const still = owner !== undefined && after.get(type, owner)?.aliases?.includes(alias) === true;
        if (still && owner !== name) problems.push(taken(resource, alias, owner));
        else if (after.get(type, alias) !== undefined && alias !== name) problems.push(taken(resource, alias, alias));
        fresh.set(key, name);
      };
      for (const resource of change.upserts) {
        for (const alias of resource.aliases ?? []) claim(resource, alias);
        const { type, name } = resource;
        const owner = owners.get(keyOf(type, name));
        if (owner === undefined || owner === name) continue;
        if (after.get(type, owner)?.aliases?.includes(name)) problems.push(taken(resource, name, owner));
      }
      return problems;
    },
    commit(change, before) {
      for (const { type, name } of [...change.upserts, ...change.removals]) {
        for (const alias of before.get(type, name)?.aliases ?? []) owners.delete(keyOf(type, alias));
      }
      for (const { type, name, aliases } of change.upserts) {
        for (const alias of aliases ?? []) owners.set(keyOf(type, alias), name);
      }
    },
  };
}

function taken({ type, name }: Resource, alias: string, by: string): Problem {
  const message = `${JSON.stringify(alias)} also stands for ${JSON.stringify(by)}: names and aliases must be unique within a type`;
  return { severity: "error", code: "duplicate-name", type, name, path: "aliases", message };
}
