import { describe, expect, test } from "vitest";
import { XdsClientError } from "./error.js";
import { createWaiters } from "./waiters.js";

function fact() {
  const state: { value: string | undefined } = { value: undefined };
  return { state, check: () => state.value, describe: () => `it is ${state.value}`, details: { name: "a" } };
}

describe("wait", () => {
  test("resolves at once with what is true already", async () => {
    const it = fact();
    it.state.value = "yes";
    await expect(createWaiters().wait(it)).resolves.toBe("yes");
  });

  test("resolves with the next look that finds it true", async () => {
    const waiters = createWaiters();
    const it = fact();
    const waiting = waiters.wait(it);
    waiters.poll();
    it.state.value = "now";
    waiters.poll();
    await expect(waiting).resolves.toBe("now");
  });

  test("tells the last state when its time is over", async () => {
    const expected = { code: "timeout", message: "after 1 ms: it is undefined", details: { name: "a" } };
    await expect(createWaiters().wait(fact(), { deadlineMs: 1 })).rejects.toMatchObject(expected);
  });

  test("ends with the signal, also one that was aborted before", async () => {
    const abort = new AbortController();
    const waiting = createWaiters().wait(fact(), { signal: abort.signal });
    abort.abort("enough");
    await expect(waiting).rejects.toMatchObject({ code: "aborted", cause: "enough" });
    const late = createWaiters().wait(fact(), { signal: abort.signal });
    await expect(late).rejects.toMatchObject({ code: "aborted", cause: "enough" });
  });

  test("ends for everybody", async () => {
    const waiters = createWaiters();
    const waiting = [waiters.wait(fact()), waiters.wait(fact())];
    waiters.end(new XdsClientError("closed", "over"));
    for (const each of waiting) await expect(each).rejects.toMatchObject({ code: "closed" });
  });
});
