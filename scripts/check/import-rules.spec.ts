import { describe, expect, test } from "vitest";
import { checkImports, importsOf } from "./import-rules.mjs";

const manifests = {
  ".": { devDependencies: { vitest: "1" } },
  core: { dependencies: { "@rxds/envoy-api": "1", rxjs: "1" } },
  server: { dependencies: { "@rxds/core": "1", "@grpc/grpc-js": "1" } },
};
/** Files in which nothing is wrong; each test adds one that breaks a rule. */
const clean: Record<string, string> = {
  "packages/core/src/a.ts":
    'import { of } from "rxjs";\nexport { x } from "@rxds/envoy-api/registry";\nimport "./b.js";',
  "packages/core/src/a.spec.ts": 'import { test } from "vitest";\nimport "../spec-support/c.js";',
  "packages/server/src/a.ts": 'import type { Y } from "@rxds/core";\nimport * as grpc from "@grpc/grpc-js";',
  "tests/a.spec.ts": 'import "@rxds/testkit";\nimport "rxds";',
};
const check = (files: Record<string, string> = {}) => checkImports(Object.entries({ ...clean, ...files }), manifests);

test("a tree that keeps the rules has no problem", () => {
  expect(check()).toEqual([]);
});

describe("reports", () => {
  test.each([
    ["an import against the direction", "packages/core/src/x.ts", "@rxds/server", "core must not import server"],
    ["the testkit in a source", "packages/server/src/x.ts", "@rxds/testkit", "server must not import testkit"],
    ["gRPC in core", "packages/core/src/x.ts", "@grpc/grpc-js", "core must not know the network"],
    ["a network module in core", "packages/core/src/x.ts", "node:http2", "core must not know the network"],
    [
      "a part of a network module in core",
      "packages/core/src/x.ts",
      "node:dns/promises",
      "core must not know the network",
    ],
    ["a built-in module without its prefix", "packages/core/src/x.ts", "fs", 'write "node:fs"'],
    ["a dependency that is not declared", "packages/core/src/x.ts", "yaml", "yaml is missing from its dependencies"],
    [
      "a spec's dependency that is not declared",
      "packages/core/src/x.spec.ts",
      "yaml",
      "yaml is missing from the devDependencies",
    ],
    ["a relative import without extension", "packages/core/src/x.ts", "./b", "relative imports end in .js"],
    [
      "a relative import of another package",
      "packages/core/src/x.ts",
      "../../server/src/a.js",
      "it leaves packages/core/src",
    ],
    ["a source that imports a spec", "packages/core/src/x.ts", "./a.spec.js", "a source does not import a spec"],
    [
      "a source that imports a helper of specs",
      "packages/core/src/x.ts",
      "../spec-support/c.js",
      "it leaves packages/core/src",
    ],
    [
      "a package that imports itself",
      "packages/core/src/x.ts",
      "@rxds/core",
      "a package does not import itself by name",
    ],
    ["a package without a rule", "packages/other/src/x.ts", "rxjs", "packages/other has no import rule"],
    [
      "a script that imports a package",
      "scripts/x.mjs",
      "@rxds/core",
      "only packages, specs, tests/, conformance/, examples/ and bench/",
    ],
    [
      "a conformance test that knows the server",
      "conformance/specs/x.spec.ts",
      "rxds",
      "the conformance suite knows no server",
    ],
    [
      "a test that reaches into a package",
      "tests/x.spec.ts",
      "../packages/core/src/a.js",
      "reach a package by its name",
    ],
  ])("%s", (_, path, specifier, message) => {
    const problems = check({ [path]: `import "${specifier}";` });
    expect(problems.join("\n")).toContain(`${path}: imports "${specifier}": ${message}`);
  });

  test("a dependency that no source imports, even if a spec does", () => {
    const problems = check({
      "packages/core/src/a.ts": 'import "@rxds/envoy-api/registry";',
      "packages/core/src/a.spec.ts": 'import "rxjs";',
    });
    expect(problems).toEqual(["packages/core/package.json: dependency rxjs is imported by no source"]);
  });
});

test("core may tell an IP address from a name, and nothing else of node:net", () => {
  expect(check({ "packages/core/src/x.ts": 'import { isIP, isIPv6 } from "node:net";' })).toEqual([]);
  expect(check({ "packages/core/src/x.ts": 'import { connect, isIP } from "node:net";' })).toHaveLength(1);
});

test("finds every form of import and none in comments and strings", () => {
  const source = `
    import a from "a"; import type { B } from "b"; export * from "c"; export { d } from "d";
    const e = await import("e"); type F = import("f").F;
    // import "no1";
    /* import "no2" */ const s = 'import "no3"'; const t = \`import "no4"\`;`;
  expect(importsOf(source)).toEqual(["a", "b", "c", "d", "e", "f"]);
});
