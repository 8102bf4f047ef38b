import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "@rxds/testkit";
import { type Snapshot, typeUrls } from "rxds";
import { DEADLINE_MS, now } from "./control.js";
import { type Lab, TYPES } from "./lab.js";
import type { Step } from "./transition.js";

/** The clusters of the bootstrap: the one that leads to the control plane. */
const OWN_CLUSTERS = 1;

/** Makes a step's snapshot the newest, and waits until the step is over. */
export async function take({ until }: Step, snapshot: Snapshot, lab: Lab): Promise<void> {
  const { control, mode } = lab;
  const since = now();
  control.emit(snapshot);
  await control.start();
  switch (until.what) {
    case "converged":
      await control.converged(snapshot, TYPES);
      return isAllThereIs(snapshot, lab);
    case "rejected":
      return control.rejected(until.name, until.rest);
    case "down":
      if (mode === "sotw" || until.accepted) await control.clustersAcked(since);
      await pause(until.ms);
      return control.stop();
    case "ms":
      // Both at once when it is 0, before the server has looked at the first.
      if (until.ms > 0) await pause(until.ms);
  }
}

/** Waits until Envoy has what the snapshot holds and nothing else. */
async function isAllThereIs(snapshot: Snapshot, { envoy }: Lab): Promise<void> {
  const expected = {
    "cluster_manager.active_clusters": [...snapshot.list(typeUrls.cluster)].length + OWN_CLUSTERS,
    "cluster_manager.warming_clusters": 0,
    "listener_manager.total_listeners_active": [...snapshot.list(typeUrls.listener)].length,
    "listener_manager.total_listeners_warming": 0,
  };
  await eventually(
    async () => {
      const stats = await envoy.stats("^(cluster_manager.(active|warming)_clusters|listener_manager.total_listeners_)");
      const wrong = Object.entries(expected).filter(([name, value]) => stats.get(name) !== value);
      if (wrong.length > 0)
        throw new Error(wrong.map(([name, value]) => `${name}: not ${value}, ${stats.get(name)}`).join());
    },
    { deadlineMs: DEADLINE_MS, describe: "Envoy has what the snapshot holds and nothing else" },
  );
}
