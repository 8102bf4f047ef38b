import type { LiveHistory } from "./live-history.js";
import { lag, liveHistory, publish, toAll, toCluster, toFixed, toListener, toRoutes, wait } from "./live-steps.js";

/** Histories in delta, on one stream that went wrong once, or with a mistake made on purpose, shrunk. */
export const knownDeltaHistories: Readonly<Record<string, LiveHistory>> = {
  "a cluster comes before its endpoints": liveHistory(
    "delta",
    [0],
    {},
    publish(toRoutes(0, { also: 1 })),
    publish(toCluster(3, { there: true }, { unfed: true })),
    wait(20000),
    publish(toCluster(0, {})),
  ),
  "a listener with routes of its own stays for long until another one can take its address": liveHistory(
    "delta",
    [0],
    { clusters: { 1: { there: true } }, listeners: { 0: { kind: "inline", to: 1 } } },
    publish(
      toAll({ clusters: { 3: { there: true } }, listeners: { 0: { kind: "inline", name: "y", to: 1 } } }),
      toCluster(3, { there: true }, { unfed: true }),
    ),
    wait(10_000),
    publish(toCluster(3, { there: true })),
  ),
  "a listener waits for its routes in an older version": liveHistory(
    "delta",
    [0, 0, 2],
    { clusters: { 1: { there: true }, 2: { there: true } }, listeners: { 1: { kind: "inline", to: 4 } } },
    publish(
      toAll({
        clusters: { 2: { there: true, endpoints: 1 }, 3: { there: true } },
        routes: { 0: [{ retry: 700 }], 2: [{ to: 2 }] },
        listeners: { 0: { kind: "rds" } },
      }),
      toListener(1, { kind: "rds", to: 5 }),
    ),
    wait(0),
  ),
  "a cluster that stays asks for endpoints that are gone": liveHistory(
    "delta",
    [2],
    {
      clusters: { 2: { there: true, kind: "shared" } },
      routes: { 1: [{ to: 1 }] },
      listeners: { 2: { kind: "rds", to: 1 } },
    },
    publish(toCluster(2, { there: true })),
    wait(1),
    lag(96),
    publish(toAll({ clusters: { 0: { kind: "shared" } } }), toListener(0, {})),
  ),
  "what was rejected has changed since": liveHistory(
    "delta",
    [5],
    { clusters: { 1: { there: true } }, routes: { 2: [{ to: 1 }] }, listeners: { 0: { kind: "rds", to: 2 } } },
    publish(toCluster(1, {}), toRoutes(2, {}), toFixed({ badRoutes: true })),
    wait(8),
  ),
  "a listener that goes stays for long, since the one at its address waits": liveHistory(
    "delta",
    [0],
    {
      clusters: { 1: { there: true }, 2: { there: true } },
      listeners: { 2: { kind: "inline", name: "y", to: 1 } },
    },
    publish(toAll({ routes: { 2: [{ also: 1 }] }, listeners: { 2: { kind: "rds", to: 2 } } })),
    publish(toCluster(3, { there: true }, { unfed: true }), toCluster(0, {})),
    wait(3098),
  ),
  "a listener that is gone stays for one that waits at its address": liveHistory(
    "delta",
    [0],
    { clusters: { 1: { there: true } }, listeners: { 2: { kind: "tcp", name: "y", to: 1 } } },
    publish(toAll({ listeners: { 2: { kind: "rds", to: 1 } } }), toCluster(3, { there: true }, { unfed: true })),
    publish(toRoutes(1, { to: 3 })),
    wait(20000),
  ),
  "a removal is rejected beside what has changed since": liveHistory(
    "delta",
    [0],
    { clusters: { 4: { there: true } } },
    publish(toFixed({ bad: true })),
    publish(toListener(1, { kind: "inline", to: 3 })),
    publish(toListener(1, { kind: "none" })),
    lag(199),
    wait(100),
    publish(toAll({}), toFixed({})),
  ),
  "routes that are tried alone have changed by then": liveHistory(
    "delta",
    [4],
    {
      clusters: { 4: { there: true } },
      routes: { 0: [{ to: 1 }], 1: [{ to: 1 }] },
      listeners: { 2: { kind: "rds", to: 1 } },
    },
    publish(toCluster(4, {}), toRoutes(0, {}), toRoutes(1, {}), toFixed({ badRoutes: true })),
    wait(12),
    publish(toFixed({})),
    lag(51),
    wait(0),
  ),
};
