import { createStore, type Scope, type Snapshot, scoped } from "@rxds/core";
import fc from "fast-check";
import { merge, ReplaySubject, Subject } from "rxjs";
import { expect, test } from "vitest";
import { histories } from "../../packages/server/spec-support/histories.js";
import type { History } from "../../packages/server/spec-support/history.js";
import { play } from "../../packages/server/spec-support/play.js";
import { createGrpcWorld } from "./grpc-world.js";

/** Plays a history against a server on loopback. */
async function replay(history: History): Promise<void> {
  const good$ = new ReplaySubject<Snapshot>(1);
  const bad$ = new Subject<Snapshot>();
  const snapshot$ = merge(good$, bad$);
  const store = createStore();
  const scopes = { x: new ReplaySubject<Scope>(1), y: new ReplaySubject<Scope>(1) };
  const base = history.base === "store" ? store : snapshot$;
  const source = (key: string) => (key === "x" || key === "y" ? scoped(base, scopes[key]) : base);
  const emitted = new Set<string>();
  const ready = (key: string) => emitted.has("") && emitted.has(key);
  const world = await createGrpcWorld(source, ready, history.responseBytes);
  try {
    await play({ ...history, clients: history.clients.map((spec) => ({ ...spec, aggregated: true })) }, world, {
      publish(snapshot) {
        emitted.add("");
        if (history.base === "store") store.replace(snapshot);
        else good$.next(snapshot);
      },
      publishInvalid(snapshot) {
        if (history.base === "store") store.replace(snapshot);
        else bad$.next(snapshot);
      },
      scope(key, scope) {
        emitted.add(key);
        scopes[key as "x" | "y"].next(scope);
      },
    });
  } finally {
    await world.close();
  }
}

const numRuns = process.env.RXDS_LONG ? 5_000 : 100;

test("over gRPC too, any history leaves each client with exactly what it asked for of the last good snapshot", async () => {
  let played = 0;
  const property = fc.asyncProperty(histories(20), async (history) => {
    await replay(history);
    played++;
  });
  await fc.assert(property, { numRuns });
  expect(played).toBe(numRuns);
});
