import { AssertionError } from "node:assert";
import { type Envoy, withEnvoy } from "@rxds/testkit";
import { expect, test } from "vitest";
import { expectGone, folderOf } from "./leftovers.js";

test("hands over a running Envoy, resolves with the body's value, and stops it", async () => {
  const [pid, folder] = await withEnvoy({}, async (envoy) => {
    await envoy.ready();
    return [envoy.pid, await folderOf(envoy)] as const;
  });
  expectGone(pid, folder);
});

test("adds Envoy's log to the very error of the body, and stops Envoy", async () => {
  let seen: Envoy | undefined;
  const error = new AssertionError({ actual: 1, expected: 2, message: "one is not two" });
  const failure = withEnvoy({}, async (envoy) => {
    seen = envoy;
    throw error;
  });
  await expect(failure).rejects.toBe(error);
  expect(error.message).toMatch(/^one is not two\n\nEnvoy's log \(it ended with exit code 0\):\n\[.*\]\[warning\]/);
  expect(error.stack).toContain("Envoy's log");
  expect(error).toMatchObject({ actual: 1, expected: 2 });
  expect(await seen?.exited).toEqual({ code: 0, signal: null });
});

test("wraps what is no Error", async () => {
  const failure = withEnvoy({}, () => Promise.reject("just words"));
  await expect(failure).rejects.toThrow(/^just words\n\nEnvoy's log/);
  await expect(failure).rejects.toMatchObject({ cause: "just words" });
});

test("an Envoy that crashed fails even a body that did not notice", async () => {
  const failure = withEnvoy({}, async (envoy) => {
    process.kill(envoy.pid, "SIGSEGV");
    await envoy.exited;
  });
  await expect(failure).rejects.toMatchObject({ code: "envoy-exited", details: { signal: "SIGSEGV" } });
  await expect(failure).rejects.toThrow(/Caught Segmentation fault/);
});

test("a body may kill or stop Envoy itself", async () => {
  await withEnvoy({}, async (envoy) => {
    process.kill(envoy.pid, "SIGKILL");
    expect(await envoy.exited).toEqual({ code: null, signal: "SIGKILL" });
  });
  expect(await withEnvoy({}, (envoy) => envoy.stop())).toEqual({ code: 0, signal: null });
});
