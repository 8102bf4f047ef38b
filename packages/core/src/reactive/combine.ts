import { combineLatest, defer, map, type Observable } from "rxjs";
import { diff } from "../snapshot/diff.js";
import { createSnapshot, edit, type ResourceKey, type Snapshot, withDuplicates } from "../snapshot/snapshot.js";

/**
 * Joins sources that each provide a part of the configuration. Silent until every part has emitted; then emits whenever
 * one does. Costs O(changed · log n) for parts that were made by `edit`.
 *
 * A resource that two parts have makes the snapshot invalid: `check` names it.
 */
export function combine(parts: Readonly<Record<string, Observable<Snapshot>>>): Observable<Snapshot> {
  return defer(() => {
    const names = Object.keys(parts);
    let before: readonly Snapshot[] = [];
    let joined = createSnapshot();
    /** Resources that more than one part has. */
    const shared = new Map<string, ResourceKey>();
    return combineLatest(names.map((name) => parts[name]!)).pipe(
      map((after) => {
        joined = edit(joined, (draft) => {
          after.forEach((part, i) => {
            if (part === before[i]) return;
            const { upserts, removals } = diff(before[i], part);
            for (const { type, name } of [...upserts, ...removals]) {
              const owners = after.flatMap((one) => one.get(type, name) ?? []);
              const key = `${type}\0${name}`;
              if (owners.length > 1) shared.set(key, { type, name });
              else shared.delete(key);
              if (owners[0] === undefined) draft.delete(type, name);
              else draft.set(owners[0]);
            }
          });
        });
        before = after;
        const own = after.flatMap((part) => part.duplicates);
        joined = withDuplicates(joined, [...own, ...shared.values()]);
        return joined;
      }),
    );
  });
}
