import { configDefaults, defineConfig } from "vitest/config";
import { mutantPlugin } from "./conformance/mutants/plugin.js";
import { IS_ROOT, NEEDS_ROOT } from "./tests/needs-root.mjs";

// Tests run on the sources: the "@rxds/source" export condition makes a build of the hand-written packages unnecessary.
const conditions = ["@rxds/source", "module", "node", "import", "default"];
const long = process.env.RXDS_LONG ? 30 * 60_000 : 0;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  // In what a global set-up loads, too.
  environments: { __vitest__: { resolve: { conditions, externalConditions: conditions } } },
  plugins: mutantPlugin(process.env.RXDS_MUTANT),
  test: {
    setupFiles: ["tests/fast-check-setup.ts"],
    allowOnly: false,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [
            "packages/*/src/**/*.spec.ts",
            "scripts/**/*.spec.ts",
            "conformance/mutants/*.spec.ts",
            "bench/{memory,redirect,report}/*.spec.ts",
          ],
          maxWorkers: "100%",
          testTimeout: long || 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        // Real Envoys, ports and load: one file at a time, and nothing beside it.
        test: {
          name: "system",
          include: ["tests/**/*.spec.ts"],
          exclude: [
            ...configDefaults.exclude,
            ...(long ? [] : ["tests/**/*.long.spec.ts"]),
            ...(IS_ROOT ? [] : NEEDS_ROOT),
          ],
          fileParallelism: false,
          testTimeout: long || 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        // One server for all, whose state each test replaces: one test at a time.
        test: {
          name: "conformance",
          include: ["conformance/specs/*.spec.ts"],
          globalSetup: "conformance/target.setup.ts",
          fileParallelism: false,
          isolate: false,
          testTimeout: 30_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
    coverage: { provider: "v8", include: ["packages/*/src/**"], exclude: ["**/gen/**", "**/*.spec.ts"] },
  },
});
