import { TestkitError } from "../error.js";
import type { Exit } from "./keeper.js";
import { type Envoy, exitText, type StartEnvoyOptions, startEnvoy } from "./start-envoy.js";

/** Ways for a process to end that somebody asked for. */
const ASKED: readonly (NodeJS.Signals | null)[] = ["SIGTERM", "SIGKILL", "SIGINT"];

/**
 * Starts an Envoy, calls `body` with it, and stops it, whatever happens. When `body` throws, the end of Envoy's log is
 * added to the message of that very error, so that every test runner shows it.
 *
 * @throws what `body` throws; TestkitError `envoy-exited` when `body` succeeded although Envoy crashed meanwhile; what
 *   `startEnvoy` throws.
 */
export async function withEnvoy<T>(options: StartEnvoyOptions, body: (envoy: Envoy) => Promise<T>): Promise<T> {
  const envoy = await startEnvoy(options);
  let result: T;
  try {
    result = await body(envoy);
  } catch (error) {
    throw explained(error, report(envoy, await envoy.stop()));
  }
  const exit = await envoy.stop();
  if (exit.code === 0 || ASKED.includes(exit.signal)) return result;
  throw new TestkitError("envoy-exited", `Envoy crashed.\n${report(envoy, exit)}`, {
    exitCode: exit.code,
    signal: exit.signal,
  });
}

function report(envoy: Envoy, exit: Exit): string {
  const lines = envoy.log().trimEnd().split("\n").slice(-50).join("\n");
  return `Envoy's log (it ended with ${exitText(exit)}):\n${lines}`;
}

/** The same error with more in its message; a new one around what is no Error. */
function explained(error: unknown, more: string): unknown {
  if (!(error instanceof Error)) return new Error(`${String(error)}\n\n${more}`, { cause: error });
  const before = error.message;
  error.message = `${before}\n\n${more}`;
  // The stack holds the message as it was when the error was made.
  if (error.stack !== undefined) error.stack = error.stack.replace(before, () => error.message);
  return error;
}
