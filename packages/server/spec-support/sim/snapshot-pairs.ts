import type { Snapshot } from "@rxds/core";
import fc from "fast-check";
import { configuration, snapshotOf } from "./configuration.js";

/** Two configurations: any two, or such as have a part in common. */
export const snapshotPairs: fc.Arbitrary<{ readonly have: Snapshot; readonly target: Snapshot }> = fc
  .tuple(
    configuration,
    configuration,
    fc.record({ clusters: fc.boolean(), routes: fc.boolean(), listeners: fc.boolean() }),
  )
  .map(([have, other, same]) => {
    const target = {
      ...other,
      ...(same.clusters && { clusters: have.clusters }),
      ...(same.routes && { routes: have.routes }),
      ...(same.listeners && { listeners: have.listeners }),
    };
    return { have: snapshotOf(have), target: snapshotOf(target) };
  });
