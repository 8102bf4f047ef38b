import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";

/**
 * Where the installed Envoy is kept: `RXDS_CACHE`, or else `node_modules/.cache/rxds` beside the nearest package.json
 * at or above `from`, or else (outside any package) `.cache/rxds` in the user's home.
 */
export function cacheFolder(from: string = process.cwd(), env: NodeJS.ProcessEnv = process.env): string {
  if (env.RXDS_CACHE) return resolve(from, env.RXDS_CACHE);
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return join(folder, "node_modules/.cache/rxds");
    if (folder === dirname(folder)) return join(homedir(), ".cache/rxds");
  }
}
