/** What a process wrote, bounded: the end counts most. */
export interface Log {
  /** Adds to the end. */
  append(text: string): void;
  /** All that is kept. */
  text(): string;
  /** The last lines. */
  tail(lines: number): string;
}

/** A log that keeps at least the last `limit` characters (default four million), whole chunks at a time. */
export function createLog(limit = 4_000_000): Log {
  let chunks: string[] = [];
  let size = 0;
  return {
    append(text) {
      chunks.push(text);
      size += text.length;
      if (size < 2 * limit) return;
      chunks = [`[the beginning was dropped]\n${chunks.join("").slice(-limit)}`];
      size = limit;
    },
    text: () => chunks.join(""),
    tail: (lines) => chunks.join("").trimEnd().split("\n").slice(-lines).join("\n"),
  };
}
