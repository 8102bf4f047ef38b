import { createStore, type Scope, type Snapshot, scoped } from "@rxds/core";
import fc from "fast-check";
import { merge, ReplaySubject, Subject } from "rxjs";
import { describe, expect, test } from "vitest";
import { histories } from "../spec-support/histories.js";
import type { History } from "../spec-support/history.js";
import { knownHistories } from "../spec-support/known-histories.js";
import { rejectedHistories } from "../spec-support/known-rejections.js";
import { createMemoryWorld } from "../spec-support/memory-world.js";
import { play } from "../spec-support/play.js";

/** Plays a history against a server of its own, in memory. */
async function replay(history: History): Promise<void> {
  const good$ = new ReplaySubject<Snapshot>(1);
  const bad$ = new Subject<Snapshot>();
  const snapshot$ = merge(good$, bad$);
  const store = createStore();
  const scopes = { x: new ReplaySubject<Scope>(1), y: new ReplaySubject<Scope>(1) };
  const base = history.base === "store" ? store : snapshot$;
  const source = (key: string) => (key === "x" || key === "y" ? scoped(base, scopes[key]) : base);
  using world = createMemoryWorld(source, history);
  await play(history, world, {
    publish(snapshot) {
      if (history.base === "store") store.replace(snapshot);
      else good$.next(snapshot);
    },
    publishInvalid(snapshot) {
      if (history.base === "store") store.replace(snapshot);
      else bad$.next(snapshot);
    },
    scope: (key, scope) => scopes[key as "x" | "y"].next(scope),
  });
  world.close();
}

const numRuns = process.env.RXDS_LONG ? 300_000 : 500;

describe("each client ends with exactly what it asked for of the last good snapshot", () => {
  // A counterexample is a history as plain data: it can be given to `replay` as it is printed.
  test("after any history", { timeout: process.env.RXDS_LONG ? 3_600_000 : 60_000 }, async () => {
    let played = 0;
    const property = fc.asyncProperty(histories(40), async (history) => {
      await replay(history);
      played++;
    });
    await fc.assert(property, { numRuns });
    expect(played).toBe(numRuns);
  });

  test.each(Object.entries({ ...knownHistories, ...rejectedHistories }))("after %s", async (_, history) => {
    await expect(replay(history)).resolves.toBeUndefined();
  });
});
