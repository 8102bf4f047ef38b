import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { DocumentProblem } from "../documents/document-problem.js";
import { type ParsedText, parseText } from "../documents/parse-documents.js";
import { errorCode, fileProblem, unreadable } from "./file-problem.js";
import type { FoundFile } from "./list-files.js";

/** Reads and parses files, and remembers them: what did not change is not read again, what says the same is not parsed again. */
export interface FileReader {
  /** What the files hold, in their order. Files that are not among these any more are forgotten. */
  read(files: readonly FoundFile[]): Promise<readonly ParsedText[]>;
}

/** How to read. */
export interface FileReaderOptions {
  /** The longest file, in bytes. */
  readonly maxLength: number;
  /** What makes documents of a text. */
  readonly parse?: typeof parseText;
}

interface Remembered {
  readonly stamp: string;
  /** Whether it was read so soon after it was written that the next change may have the same time. */
  readonly fresh: boolean;
  readonly hash: string;
  readonly parsed: ParsedText;
}

/** Files that are read at the same time. */
const AT_ONCE = 16;
/** The coarsest clock of file times that is common. */
const CLOCK_MS = 2000;

/** Starts without remembering anything. */
export function createFileReader({ maxLength, parse = parseText }: FileReaderOptions): FileReader {
  let remembered = new Map<string, Remembered>();
  return {
    async read(files) {
      const next = new Map<string, Remembered>();
      for (let i = 0; i < files.length; i += AT_ONCE) {
        const some = files.slice(i, i + AT_ONCE);
        const read = await Promise.all(some.map((file) => readOne(file, remembered.get(file.path), maxLength, parse)));
        for (const [j, { path }] of some.entries()) {
          const one = read[j];
          if (one !== undefined) next.set(path, one);
        }
      }
      remembered = next;
      return Array.from(next.values(), ({ parsed }) => parsed);
    },
  };
}

/** Undefined for a file that is gone by now. */
async function readOne(
  { path, stats }: FoundFile,
  before: Remembered | undefined,
  maxLength: number,
  parse: typeof parseText,
): Promise<Remembered | undefined> {
  const stamp = [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(" ");
  if (before !== undefined && before.stamp === stamp && !before.fresh) return before;
  const fresh = Date.now() - Number(stats.mtimeMs) < CLOCK_MS;
  const failed = (problem: DocumentProblem): Remembered => {
    // Tried again each time: whether it can be read is not told by what it is like.
    return { stamp, fresh: true, hash: "", parsed: { documents: [], problems: [problem] } };
  };
  if (stats.size > BigInt(maxLength)) {
    const expected = `at most ${maxLength} bytes`;
    return failed(fileProblem(path, "too-large", expected, `${stats.size} bytes; expected ${expected} (maxLength)`));
  }
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return errorCode(error) === "ENOENT" ? undefined : failed(unreadable(path, error));
  }
  const hash = createHash("sha256").update(bytes).digest("base64");
  if (before !== undefined && before.hash === hash) return { ...before, stamp, fresh };
  return { stamp, fresh, hash, parsed: parseBytes(path, bytes, maxLength, parse) };
}

function parseBytes(file: string, bytes: Buffer, maxLength: number, parse: typeof parseText): ParsedText {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { documents: [], problems: [fileProblem(file, "syntax", "UTF-8", "no text; expected UTF-8")] };
  }
  if (text.trim() === "") {
    const expected = "documents, or a comment that there are none";
    return { documents: [], problems: [fileProblem(file, "empty-file", expected, `empty; expected ${expected}`)] };
  }
  return parse(text, { file, maxLength });
}
