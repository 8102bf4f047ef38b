import { type ChildProcessByStdio, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Readable, Writable } from "node:stream";

/** How a process ended. Exactly one of the two is not null. */
export interface Exit {
  /** Its exit code. */
  readonly code: number | null;
  /** The signal that ended it. */
  readonly signal: NodeJS.Signals | null;
}

/** A program that runs under a keeper. */
export interface Kept {
  /** The program's process id, once it was started. Rejects when it could not be. */
  readonly pid: Promise<number>;
  /** Resolves when the program has ended, its output was read to the end and its folder was removed. */
  readonly exited: Promise<Exit>;
  /** Sends it a signal. Does nothing when it has ended. */
  kill(signal: "TERM" | "KILL"): void;
}

/**
 * A shell that outlives this process by some milliseconds. It makes the folder, writes its standard input into FILE
 * there, starts the program and waits for it. File descriptor 3 is a pipe from this process: each line is a signal to
 * send; its end (this process ended, however) means kill. Whatever happens, the folder is removed at the end.
 */
const SCRIPT = `
folder=$1 file=$2; shift 2
umask 077
mkdir "$folder" || exit 125
trap 'rm -rf "$folder"' EXIT
cat > "$folder/$file" || exit 125
"$@" </dev/null 3<&- 4>&- &
program=$!
trap '' PIPE HUP INT TERM
echo "$program" >&4
exec 4>&-
( while read -r signal; do kill "-$signal" "$program"; done; kill -KILL "$program" ) <&3 2>/dev/null &
guard=$!
exec 3<&-
wait "$program"
code=$?
kill -KILL "$guard" 2>/dev/null
exit "$code"
`;

/** What to run, and the folder that lives as long as it does. */
export interface KeepOptions {
  /** A folder that does not exist yet. */
  readonly folder: string;
  /** A file to write into the folder before the program starts: its name and content. */
  readonly file: readonly [name: string, content: string];
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Called with what the program wrote, and where to. */
  readonly onOutput: (text: string, stream: "stdout" | "stderr") => void;
}

/** Runs a program so that neither it nor its folder outlives this process, even if this process is killed. */
export function keep({ folder, file, command, env, onOutput }: KeepOptions): Kept {
  const [name, content] = file;
  const keeper: ChildProcessByStdio<Writable, Readable, Readable> = spawn(
    "/bin/sh",
    ["-c", SCRIPT, "rxds-keeper", folder, name, ...command],
    // A session of its own: Ctrl-C, or a kill of the whole process group, must not end the one who cleans up.
    { env, stdio: ["pipe", "pipe", "pipe", "pipe", "pipe"], detached: true },
  );
  const signals = keeper.stdio[3] as Writable;
  const ids = keeper.stdio[4] as Readable;
  for (const stream of [keeper.stdin, signals]) stream.on("error", () => {});
  for (const name of ["stdout", "stderr"] as const) {
    keeper[name].setEncoding("utf8").on("data", (text: string) => onOutput(text, name));
  }
  keeper.stdin.end(content);

  const exited = new Promise<Exit>((resolve, reject) => {
    keeper.once("error", reject);
    keeper.once("close", (code, signal) => resolve(exitOf(code, signal)));
  });
  const pid = new Promise<number>((resolve, reject) => {
    let text = "";
    ids.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    ids.once("end", () => {
      if (/^\d+\n$/.test(text)) resolve(Number(text));
      else reject(new Error("the keeper did not start the program"));
    });
    keeper.once("error", reject);
  });
  // Whoever awaits these sees the failure; nobody has to.
  exited.catch(() => {});
  pid.catch(() => {});
  return {
    pid,
    exited,
    kill(signal) {
      if (signals.writable) signals.write(`${signal}\n`);
    },
  };
}

/** A shell reports a program that was ended by signal N as exit code 128 + N. */
function exitOf(code: number | null, signal: NodeJS.Signals | null): Exit {
  const number = (code ?? 0) - 128;
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found === undefined ? { code, signal } : { code: null, signal: found[0] as NodeJS.Signals };
}
