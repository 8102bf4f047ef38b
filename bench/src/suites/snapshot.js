import { createSnapshot, diff, edit, typeUrls } from "rxds";
import { casesOf } from "../cases.js";
import { assignment, nextStamp, resources } from "../data.js";

/** Snapshots: made, edited, compared. @type {import("../cases.js").Suite} */
export const snapshot = {
  name: "snapshot",
  cases(size) {
    const of = casesOf("snapshot", size);
    const all = resources(size);
    const before = createSnapshot(all);
    const one = edit(before, (draft) => draft.set(assignment(0, nextStamp())));
    const rebuilt = createSnapshot([...all.slice(2), ...all.slice(0, 2)]);
    /** Equal to what is there, but another object: that is a change. @param {number} i */
    const copy = (i) => assignment(i, 0);
    const copies = Array.from({ length: 100 }, (_, i) => copy((i * 7) % size));
    let at = 0;
    return [
      of("createSnapshot of finished resources", () => createSnapshot(all)),
      of("edit: replace one", () => edit(before, (draft) => draft.set(copies[at++ % copies.length] ?? copy(0))), {
        counters: ["copied"],
      }),
      of("edit: remove one", () => edit(before, (draft) => draft.delete(typeUrls.cluster, `c-${at++ % size}`)), {
        counters: ["copied"],
      }),
      of("diff with an edited one", () => diff(before, one), { counters: ["visited"] }),
      of("diff with one made anew", () => diff(before, rebuilt), { counters: ["visited"] }),
      of("version", () => before.version),
    ];
  },
};
