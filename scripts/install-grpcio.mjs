// The gRPC C core for Python: a real xDS client for tests/grpc-clients. Pinned wheels, checked against their hashes; they are
// installed once for each version of Python, and never built from source.
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { env, hash, output, retried, root, run, text, UserError } from "./run.mjs";

const REQUIREMENTS = "tests/grpc-clients/grpcio-requirements.txt";
const FLAGS = ["--disable-pip-version-check", "--no-input", "--quiet", "--only-binary=:all:", "--require-hashes"];

/** Versions of Python that there are wheels for. */
const PYTHONS = { oldest: 10, newest: 14 };

/** The platform and version of Python, for which the folder is. */
function python() {
  const script =
    "import sys, sysconfig; print(sysconfig.get_platform(), sys.implementation.cache_tag, *sys.version_info[:2])";
  const [platform, tag, major, minor] = output("python3", ["-c", script]).trim().split(" ");
  if (major !== "3" || minor < PYTHONS.oldest || minor > PYTHONS.newest) {
    const wanted = `Python 3.${PYTHONS.oldest} to 3.${PYTHONS.newest} is needed for the tests with grpcio`;
    throw new UserError(`${wanted}, python3 is ${major}.${minor}`);
  }
  return `${platform} ${tag}`;
}

/** Installs it unless it is there. Returns the folder, for PYTHONPATH. */
export function installGrpcio() {
  const id = hash(text(REQUIREMENTS), python()).slice(0, 16);
  const target = join(env.RXDS_CACHE, `grpcio-${id}`);
  if (existsSync(target)) return target;
  const temporary = `${target}.tmp-${process.pid}`;
  console.log("installing grpcio");
  try {
    retried("installing grpcio", () => {
      rmSync(temporary, { recursive: true, force: true });
      mkdirSync(temporary, { recursive: true });
      const args = ["-m", "pip", "install", ...FLAGS, "--target", temporary, "-r", join(root, REQUIREMENTS)];
      run("python3", args, {
        env: { ...env, PIP_USER: "0", PIP_REQUIRE_VIRTUALENV: "0", PIP_ROOT_USER_ACTION: "ignore" },
      });
    });
    // Another process may have been first: its folder has the same content.
    if (!existsSync(target)) renameSync(temporary, target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return target;
}
