import { type FSWatcher, watch } from "node:fs";
import { basename } from "node:path";
import type { WatchedFolder } from "./list-files.js";

/**
 * Watches folders, each by itself: not what is in folders below. What the system tells is only a hint that something
 * changed; what changed, the listing of the files tells.
 */
export interface FolderWatchers {
  /** Watches these and no others. Whether any of them was not watched before. */
  follow(folders: ReadonlyMap<string, WatchedFolder>): boolean;
  /** Ends all. */
  close(): void;
}

interface Watched {
  /** What it was last said to be. */
  folder: WatchedFolder;
  readonly watcher: FSWatcher;
}

/** Starts without folders. `onHint` is called for everything that may matter. */
export function createFolderWatchers(onHint: () => void): FolderWatchers {
  const watched = new Map<string, Watched>();
  const drop = (path: string, watcher: FSWatcher) => {
    watcher.close();
    if (watched.get(path)?.watcher === watcher) watched.delete(path);
  };
  const start = (path: string, folder: WatchedFolder): boolean => {
    try {
      const watcher = watch(path);
      const one: Watched = { folder, watcher };
      watcher.on("change", (_type, name) => {
        // The name of the folder itself: it went, and another one in its place is not watched by this.
        const gone = name === null || name === basename(path);
        if (gone) drop(path, watcher);
        if (gone || (one.folder.names?.has(String(name)) ?? true)) onHint();
      });
      watcher.on("error", () => {
        drop(path, watcher);
        onHint();
      });
      watched.set(path, one);
      return true;
    } catch {
      // It is gone, or the system watches no more: a look from time to time finds what is not told.
      return false;
    }
  };
  return {
    follow(folders) {
      for (const [path, one] of watched) {
        const folder = folders.get(path);
        if (folder?.identity === one.folder.identity) one.folder = folder;
        else drop(path, one.watcher);
      }
      const added = [...folders].map(([path, folder]) => !watched.has(path) && start(path, folder));
      return added.includes(true);
    },
    close() {
      for (const { watcher } of watched.values()) watcher.close();
      watched.clear();
    },
  };
}
