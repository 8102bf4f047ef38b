import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toJsonString } from "@bufbuild/protobuf";
import { type Bootstrap, BootstrapSchema } from "@rxds/envoy-api/envoy/config/bootstrap/v3/bootstrap";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import { envoyBinary } from "@rxds/testkit";

/** What `envoy --mode validate` says of a bootstrap. */
export interface Verdict {
  readonly code: number | null;
  /** Errors and warnings, deprecations among them. */
  readonly log: string;
}

/** Lets the real Envoy judge a bootstrap, without starting anything. */
export async function validateBootstrap(bootstrap: Bootstrap): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), "rxds-validate-"));
  try {
    const file = join(folder, "bootstrap.json");
    await writeFile(file, toJsonString(BootstrapSchema, bootstrap, { registry: envoyRegistry() }));
    return await run(await envoyBinary(), ["--mode", "validate", "-l", "warning", "-c", file]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function run(command: string, args: readonly string[]): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { timeout: 30_000 }, (error, _stdout, stderr) => {
      if (error !== null && child.exitCode === null && child.signalCode === null) reject(error);
      else resolve({ code: child.exitCode, log: stderr });
    });
  });
}
