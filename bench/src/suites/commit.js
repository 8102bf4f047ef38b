import { createSnapshot, createStore, edit } from "rxds";
import { casesOf } from "../cases.js";
import { assignment, cluster, nextStamp, resources } from "../data.js";

/** Commits to a store that nobody follows: building, encoding and checking the resource are part of it. @type {import("../cases.js").Suite} */
export const commit = {
  name: "commit",
  cases(size) {
    const of = casesOf("commit", size);
    const store = createStore();
    const following = createStore();
    let snapshot = createSnapshot(resources(size));
    store.replace(snapshot);
    following.replace(snapshot);
    let at = 0;
    const next = () => at++ % size;
    return [
      of("store.update: one load assignment", () => store.update((tx) => tx.set(assignment(next(), nextStamp())))),
      of("store.update: one cluster", () => store.update((tx) => tx.set(cluster(next(), nextStamp())))),
      of("store.update: 100 load assignments", () =>
        store.update((tx) => {
          for (let i = 0; i < 100; i++) tx.set(assignment(next(), nextStamp()));
        }),
      ),
      of(
        "edit and store.replace: one load assignment",
        () => {
          snapshot = edit(snapshot, (draft) => draft.set(assignment(next(), nextStamp())));
          following.replace(snapshot);
        },
        { counters: ["copied", "visited"] },
      ),
    ];
  },
};
