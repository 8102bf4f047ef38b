import { expect, test } from "vitest";
import { TestkitError } from "./error.js";
import { eventually } from "./eventually.js";

test("resolves with what the probe returns", async () => {
  expect(await eventually(() => 7)).toBe(7);
  expect(await eventually(async () => undefined)).toBeUndefined();
});

test("looks again while the probe throws, rejects or returns false", async () => {
  let looks = 0;
  const value = await eventually(
    () => {
      looks += 1;
      if (looks === 1) throw new Error("not yet");
      if (looks === 2) return Promise.reject(new Error("not yet"));
      return looks > 3 && "there";
    },
    { intervalMs: 1 },
  );
  expect(value).toBe("there");
  expect(looks).toBe(4);
});

test("tells the last state seen when the deadline has passed", async () => {
  let looks = 0;
  const problem = new Error("only 2 of 3");
  const failure = eventually(
    () => {
      looks += 1;
      throw problem;
    },
    { deadlineMs: 20, intervalMs: 1, describe: "three clusters" },
  );
  await expect(failure).rejects.toThrow(/^three clusters: not within 20 ms\. Last state: only 2 of 3$/);
  await expect(failure).rejects.toMatchObject({ name: "TestkitError", code: "deadline", cause: problem });
  expect(looks).toBeGreaterThan(0);
});

test("asks for the description only at the deadline", async () => {
  const failure = eventually(() => false, { deadlineMs: 5, intervalMs: 1, describe: async () => "the state then" });
  await expect(failure).rejects.toThrow("the state then: not within 5 ms. Last state: the probe returned false");
});

test("abandons a probe that never ends", async () => {
  const failure = eventually(() => new Promise(() => {}), { deadlineMs: 5 });
  await expect(failure).rejects.toBeInstanceOf(TestkitError);
});
