import { expect, test } from "vitest";
import { runInTurns } from "./turns.js";

/** Steps of so many milliseconds each, until there were so many. */
function* steps(count: number, ms: number): Generator<undefined, number> {
  for (let i = 0; i < count; i++) {
    const end = performance.now() + ms;
    while (performance.now() < end);
    yield;
  }
  return count;
}

test("what is done soon is done at once", () => {
  let result: number | undefined;
  runInTurns(
    steps(3, 0),
    (value) => {
      result = value;
    },
    () => {},
  );
  expect(result).toBe(3);
});

test("others have their turns in between", async () => {
  let turns = 0;
  let result: number | undefined;
  runInTurns(
    steps(20, 3),
    (value) => {
      result = value;
    },
    () => {},
  );
  while (result === undefined) {
    await new Promise((resolve) => setImmediate(resolve));
    turns++;
  }
  expect(result).toBe(20);
  expect(turns).toBeGreaterThan(3);
});

test("a step that throws ends it; one that is given up is not gone on with", async () => {
  const thrown: unknown[] = [];
  const broken = (function* (): Generator<undefined, number> {
    yield;
    throw new Error("broken");
  })();
  runInTurns(
    broken,
    () => thrown.push("done"),
    (error) => thrown.push((error as Error).message),
  );
  expect(thrown).toEqual(["broken"]);
  const stop = runInTurns(
    steps(20, 3),
    () => thrown.push("done"),
    () => {},
  );
  stop();
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(thrown).toEqual(["broken"]);
});
