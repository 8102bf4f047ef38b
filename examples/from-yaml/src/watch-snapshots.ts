import { readFile } from "node:fs/promises";
import { createSnapshot, load, type Snapshot } from "rxds";
import { concatMap, distinctUntilChanged, EMPTY, exhaustMap, type Observable, of, timer } from "rxjs";

/** How often the file is looked at, in ms. Reading it sees every way to change a file: in place, by rename, by symlink. */
const INTERVAL_MS = 300;

/**
 * The content of a file of Envoy resources, now and whenever it changed. What is wrong with it goes to `report`, once; then
 * nothing is emitted, so that the last good content stays in force.
 */
export function watchSnapshots(path: string, report: (error: Error) => void): Observable<Snapshot> {
  return timer(0, INTERVAL_MS).pipe(
    exhaustMap(() => readFile(path, "utf8").catch((error: Error) => error)),
    distinctUntilChanged((before, after) => String(before) === String(after)),
    concatMap((content) => {
      try {
        if (content instanceof Error) throw content;
        return of(createSnapshot(load(content, { file: path })));
      } catch (error) {
        report(error instanceof Error ? error : new Error(String(error)));
        return EMPTY;
      }
    }),
  );
}
