import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** The modules of others that a module loads, and those that it loads do. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const found = new Set<string>();
  if (seen.has(file)) return found;
  seen.add(file);
  const loads = readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type )[^;]*? from "([^"]+)";/gms);
  for (const [, name = ""] of loads) {
    if (!name.startsWith(".")) found.add(name);
    else for (const one of packagesOf(join(dirname(file), name.replace(/js$/, "ts")), seen)) found.add(one);
  }
  return found;
}

test("who puts plans into force loads nothing of what makes them", () => {
  const entry = fileURLToPath(new URL("index.ts", import.meta.url));
  expect(existsSync(entry)).toBe(true);
  expect([...packagesOf(entry)].sort()).toEqual([
    "@bufbuild/protobuf",
    "@rxds/core/version",
    "@rxds/envoy-api/rxds/mesh/v1/redirect_plan",
  ]);
});
