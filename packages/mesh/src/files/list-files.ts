import type { BigIntStats, Dirent } from "node:fs";
import { readdir, readlink, stat } from "node:fs/promises";
import { extname, join, resolve, sep } from "node:path";
import type { DocumentProblem } from "../documents/document-problem.js";
import { errorCode, fileProblem, unreadable } from "./file-problem.js";

/** A file with documents. */
export interface FoundFile {
  /** Its path, made of the one that was given. */
  readonly path: string;
  /** What it was like when it was found: a file that changed, or was replaced, has another inode, size or time. */
  readonly stats: BigIntStats;
}

/** A folder in which a change may change the files. */
export interface WatchedFolder {
  /** Tells it from another folder at the same path. */
  readonly identity: string;
  /** The names in it that matter; undefined: all. */
  readonly names: ReadonlySet<string> | undefined;
}

/** What paths lead to. */
export interface Listing {
  /** Files, in the order of their paths; each once. */
  readonly files: readonly FoundFile[];
  /** Folders to watch, by path. */
  readonly folders: ReadonlyMap<string, WatchedFolder>;
  readonly problems: readonly DocumentProblem[];
}

const EXTENSIONS: ReadonlySet<string> = new Set([".yaml", ".yml", ".json"]);

interface Walk {
  readonly files: Map<string, FoundFile>;
  readonly folders: Map<string, WatchedFolder>;
  readonly problems: DocumentProblem[];
}

/**
 * Finds files: those that are given, and in folders all `*.yaml`, `*.yml` and `*.json` at any depth. Names that begin with a
 * dot are passed over, links are followed: so the files of a Kubernetes ConfigMap are found once.
 */
export async function listFiles(paths: readonly string[]): Promise<Listing> {
  const walk: Walk = { files: new Map(), folders: new Map(), problems: [] };
  for (const path of paths) {
    await watchWay(path, walk);
    try {
      const stats = await stat(path, { bigint: true });
      if (stats.isDirectory()) await listFolder(path, stats, new Set(), walk);
      else addFile(path, stats, walk);
    } catch (error) {
      walk.problems.push(unreadable(path, error));
    }
  }
  const files = [...walk.files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const problems = walk.problems.sort((a, b) => ((a.file ?? "") < (b.file ?? "") ? -1 : 1));
  return { files, folders: walk.folders, problems };
}

async function listFolder(folder: string, stats: BigIntStats, above: ReadonlySet<string>, walk: Walk): Promise<void> {
  const identity = identityOf(stats);
  // A link to a folder above.
  if (above.has(identity)) return;
  walk.folders.set(resolve(folder), { identity, names: undefined });
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    // Gone since its own folder was read; that it is gone is told by that one.
    if (errorCode(error) !== "ENOENT" || above.size === 0) walk.problems.push(unreadable(folder, error));
    return;
  }
  const within = new Set([...above, identity]);
  await Promise.all(entries.map((entry) => addEntry(folder, entry, within, walk)));
}

async function addEntry(folder: string, entry: Dirent, above: ReadonlySet<string>, walk: Walk): Promise<void> {
  const path = join(folder, entry.name);
  const link = entry.isSymbolicLink();
  const wanted = EXTENSIONS.has(extname(entry.name).toLowerCase());
  if (entry.name.startsWith(".") || !(wanted || link || entry.isDirectory())) return;
  if (link) await watchWay(path, walk);
  try {
    const stats = await stat(path, { bigint: true });
    if (stats.isDirectory()) await listFolder(path, stats, above, walk);
    else if (wanted) addFile(path, stats, walk);
  } catch (error) {
    // A file that is gone by now is no problem; a link to nothing is.
    if (wanted && (link || errorCode(error) !== "ENOENT")) walk.problems.push(unreadable(path, error));
  }
}

function addFile(path: string, stats: BigIntStats, walk: Walk): void {
  if (stats.isFile()) {
    walk.files.set(resolve(path), { path, stats });
    return;
  }
  const expected = "a regular file";
  walk.problems.push(fileProblem(path, "unreadable", expected, `neither file nor folder; expected ${expected}`));
}

/** As many links as Linux follows. */
const MOST_LINKS = 40;

/** Watches all that decides where a path leads: each link on the way, its end, and where nothing is, the name that is missing. */
async function watchWay(path: string, walk: Walk, links = 0): Promise<void> {
  const parts = resolve(path).split(sep);
  for (let i = 1; i < parts.length; i++) {
    const [folder, name] = [parts.slice(0, i).join(sep) || sep, parts[i] ?? ""];
    let target: string;
    try {
      target = await readlink(join(folder, name));
    } catch (error) {
      const missing = errorCode(error) === "ENOENT";
      if (missing || i === parts.length - 1) await watchName(folder, name, walk);
      if (missing) return;
      continue;
    }
    await watchName(folder, name, walk);
    const rest = parts.slice(i + 1);
    if (links < MOST_LINKS) await watchWay(resolve(folder, target, ...rest), walk, links + 1);
    return;
  }
}

async function watchName(folder: string, name: string, walk: Walk): Promise<void> {
  try {
    const identity = identityOf(await stat(folder, { bigint: true }));
    const other = walk.folders.get(folder);
    if (other !== undefined && other.names === undefined) return;
    walk.folders.set(folder, { identity, names: new Set([...(other?.names ?? []), name]) });
  } catch {
    // Gone since the way was looked at, which is seen where it went.
  }
}

function identityOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}
