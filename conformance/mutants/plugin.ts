import { appendFileSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vitest/config";

/** One change of a source that switches a rule off. */
interface Mutation {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Applies a mutation while its file is loaded: the product knows nothing of it. `path`: a JSON file with a list of mutations;
 * undefined: the sources stay as they are. Each file that was changed becomes a line of `<path>.applied`.
 */
export function mutantPlugin(path: string | undefined): Plugin[] {
  if (!path) return [];
  const mutations: readonly Mutation[] = JSON.parse(readFileSync(path, "utf8"));
  return [
    {
      name: "rxds-mutant",
      enforce: "pre",
      transform(code, id) {
        const file = relative(root, id.split("?")[0] ?? id);
        const mine = mutations.filter((mutation) => mutation.file === file);
        if (mine.length === 0) return undefined;
        const mutated = mine.reduce(apply, code);
        appendFileSync(`${path}.applied`, `${file}\n`);
        return mutated;
      },
    },
  ];
}

function apply(code: string, { file, find, replace }: Mutation): string {
  const times = code.split(find).length - 1;
  if (times !== 1) throw new Error(`mutant: expected once in ${file}, found ${times} times: ${find}`);
  return code.replace(find, () => replace);
}
