import { expect, test } from "vitest";
import { checkTarball } from "./tarball-rules.mjs";

const source = {
  exports: { ".": { "@rxds/source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" } },
};
const packed = { exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } } };
const good: Record<string, string | undefined> = {
  "package.json": JSON.stringify(packed),
  "README.md": "",
  LICENSE: "license",
  NOTICE: "",
  "dist/index.js": "export {};\n//# sourceMappingURL=index.js.map",
  "dist/index.js.map": JSON.stringify({ sources: ["../src/index.ts"] }),
  "dist/index.d.ts": "export {};",
  "src/index.ts": "export {};",
};

/** Checks the good tarball with some files replaced, or left out (undefined). */
function check(changed: Record<string, string | undefined> = {}) {
  const entries = Object.entries({ ...good, ...changed }).filter(([, text]) => text !== undefined);
  return checkTarball(new Map(entries.map(([path, text]) => [path, () => text])), source, { LICENSE: "license" });
}
const withManifest = (manifest: object) => check({ "package.json": JSON.stringify({ ...packed, ...manifest }) });

test("a good tarball has no problem", () => {
  expect(check()).toEqual([]);
});

test.each(["LICENSE", "NOTICE", "README.md", "package.json"])("reports that %s is missing", (path) => {
  expect(check({ [path]: undefined })).toEqual([`${path} is missing`]);
});

test("reports a license that is not the repository's", () => {
  expect(check({ LICENSE: "other" })).toEqual(["LICENSE is not the repository's"]);
});

test("reports specs and build state", () => {
  expect(check({ "src/a.spec.ts": "", "dist/.tsbuildinfo": "" })).toEqual([
    "src/a.spec.ts: specs are not published",
    "dist/.tsbuildinfo: build state is not published",
  ]);
});

test("reports a source map whose source is missing, and a missing map", () => {
  expect(check({ "src/index.ts": undefined })).toEqual(["dist/index.js.map: its source src/index.ts is missing"]);
  expect(check({ "dist/index.js.map": undefined })).toEqual(["dist/index.js: its map index.js.map is missing"]);
});

test("accepts a source map that carries its sources", () => {
  const map = JSON.stringify({ sources: ["../src/index.ts"], sourcesContent: ["export {};"] });
  expect(check({ "src/index.ts": undefined, "dist/index.js.map": map })).toEqual([]);
});

test("reports workspace ranges", () => {
  expect(withManifest({ dependencies: { "@rxds/core": "workspace:*" } })).toEqual([
    "package.json: @rxds/core has the range workspace:*",
  ]);
});

test("reports the repository's own export condition", () => {
  expect(withManifest({ exports: source.exports }).join()).toContain("the condition @rxds/source");
});

test("reports an entry point that publishConfig lacks", () => {
  expect(withManifest({ exports: {} })).toEqual([
    "package.json: publishConfig.exports are not the exports without @rxds/source",
  ]);
});

test("reports an exported file that is missing", () => {
  expect(check({ "dist/index.d.ts": undefined })).toEqual([
    "package.json: exports ./dist/index.d.ts, which is missing",
  ]);
});

test("reports eBPF programs that are not compiled", () => {
  expect(check({ "bpf/redirect.bpf.c": "" })).toEqual([
    "bpf/redirect.bpf.c: it is not compiled, dist/redirect.bpf.o is missing",
  ]);
  expect(check({ "bpf/redirect.bpf.c": "", "dist/redirect.bpf.o": "" })).toEqual([]);
});
