import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RedirectError } from "../packages/ebpf/src/errors.js";
import { bpfObject } from "../packages/ebpf/src/sink/object.js";
import { BPF_PACKAGES } from "./build-bpf.mjs";
import { root } from "./run.mjs";

test("who has no compiled programs is told which packages compile them, and those are what CI installs", () => {
  let told: unknown;
  try {
    bpfObject(join(root, "nowhere/redirect.bpf.o"));
  } catch (error) {
    told = error;
  }
  expect(told).toBeInstanceOf(RedirectError);
  expect(told).toMatchObject({ code: "missing" });
  const installed = /^SYSTEM_PACKAGES=\((.*)\)$/m.exec(readFileSync(join(root, ".ci/run"), "utf8"))?.[1]?.split(" ");
  for (const name of BPF_PACKAGES) {
    expect((told as RedirectError).message).toContain(name);
    expect(installed).toContain(name);
  }
});
