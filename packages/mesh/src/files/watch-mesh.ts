import { Observable, type Subscriber } from "rxjs";
import { type DocumentProblem, describeDocumentProblem } from "../documents/document-problem.js";
import type { Mesh } from "../documents/mesh.js";
import { createFolderWatchers } from "./folder-watchers.js";
import { type Listing, listFiles } from "./list-files.js";
import { createMeshReader, type LoadMeshOptions } from "./mesh-reader.js";

/** How to watch. */
export interface WatchMeshOptions extends LoadMeshOptions {
  /**
   * Called with all that is wrong whenever that is something else than before, and with an empty list when nothing is wrong
   * any more. Default: problems are told to nobody.
   */
  readonly onProblems?: ((problems: readonly DocumentProblem[]) => void) | undefined;
  /**
   * Changes are looked at when there were none for so long, in milliseconds, and at the latest ten times as long after the
   * first: so a burst is one change, and a file that is being written is given time. Default: 100.
   */
  readonly quietMs?: number | undefined;
  /**
   * How often to look without being told, in milliseconds: file systems over a network do not tell of changes, and the system
   * watches only so many folders. A look costs one `stat` a file. 0: never. Default: 10 000.
   */
  readonly pollMs?: number | undefined;
}

/**
 * The mesh of a folder, or of several files and folders as `loadMesh` takes them: the first good one, and another one
 * whenever files that were changed, added or deleted make a difference. Documents that did not change stay the same
 * objects.
 *
 * The files are one whole: while anything is wrong with any of them (a half-written file, an empty one, one that cannot be
 * read, a folder that is gone), the last good mesh stays, and `onProblems` is told. The Observable never completes, and no input
 * makes it fail. Each subscription watches for itself, until it is unsubscribed.
 *
 * Safest is to write another file and rename it, as editors and Kubernetes do (its ConfigMaps, mounted as folders, are
 * followed); a file that is written in place may be read when it is half there and, by bad luck, good.
 */
export function watchMesh(paths: string | readonly string[], options: WatchMeshOptions = {}): Observable<Mesh> {
  const list = typeof paths === "string" ? [paths] : [...paths];
  return new Observable((subscriber) => follow(list, options, subscriber));
}

function follow(paths: readonly string[], options: WatchMeshOptions, subscriber: Subscriber<Mesh>): () => void {
  const { quietMs = 100, pollMs = 10_000 } = options;
  const reader = createMeshReader(options);
  const tell = createTeller(options.onProblems);
  let last: Mesh | undefined;

  const look = async () => {
    const listing = await listWatched();
    const { mesh, problems } = await reader.read(listing);
    if (subscriber.closed) return;
    tell(problems);
    if (mesh === undefined || mesh === last) return;
    last = mesh;
    subscriber.next(mesh);
  };
  /** What is there after all its folders are watched: a later change is told. */
  const listWatched = async (): Promise<Listing> => {
    for (let tries = 0; ; tries++) {
      const listing = await listFiles(paths);
      if (subscriber.closed || !watchers.follow(listing.folders) || tries === MOST_TRIES) return listing;
    }
  };
  const looks = createLooks(quietMs, () => look().catch((error) => subscriber.error(error)));
  const watchers = createFolderWatchers(looks.hint);
  const poll = pollMs > 0 ? setInterval(looks.now, pollMs) : undefined;
  looks.now();
  return () => {
    clearInterval(poll);
    looks.close();
    watchers.close();
  };
}

/** Folders that come while others are looked at cannot keep it busy for ever. */
const MOST_TRIES = 10;

/** Tells problems when they are others than before. */
function createTeller(onProblems: WatchMeshOptions["onProblems"]): (problems: readonly DocumentProblem[]) => void {
  let told = "";
  return (problems) => {
    const text = problems.map(describeDocumentProblem).join("\n");
    if (text === told) return;
    told = text;
    try {
      onProblems?.(problems);
    } catch (error) {
      // As RxJS does with the errors of observers: it is the program's, not the folder's.
      setTimeout(() => {
        throw error;
      });
    }
  };
}

/** When to look: one look at a time, and one more if something was hinted at meanwhile. */
interface Looks {
  hint(): void;
  now(): void;
  close(): void;
}

const PATIENCE = 10;

function createLooks(quietMs: number, look: () => Promise<void>): Looks {
  let timer: NodeJS.Timeout | undefined;
  let first: number | undefined;
  let busy = false;
  let again = false;
  let closed = false;
  const now = () => {
    clearTimeout(timer);
    first = undefined;
    if (busy) again = true;
    else void run();
  };
  const run = async () => {
    busy = true;
    do {
      again = false;
      await look();
    } while (again && !closed);
    busy = false;
  };
  return {
    now,
    hint() {
      if (closed) return;
      const time = performance.now();
      first ??= time;
      clearTimeout(timer);
      timer = setTimeout(now, Math.max(0, Math.min(quietMs, first + PATIENCE * quietMs - time)));
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
