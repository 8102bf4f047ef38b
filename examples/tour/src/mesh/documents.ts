import { cp, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Who carries the connections of workloads: an Envoy beside each, or the one of their node. */
export type Topology = "sidecar" | "node";

/** The documents of the mesh, in a folder of their own that may be changed. Disposing of it removes them. */
export interface Documents extends AsyncDisposable {
  readonly folder: string;
  /** Changes the one word that says what the topology is. */
  setTopology(topology: Topology): Promise<void>;
}

/** Copies the documents of this example. */
export async function copyDocuments(topology: Topology): Promise<Documents> {
  const folder = await mkdtemp(join(tmpdir(), "rxds-mesh-"));
  await cp(fileURLToPath(new URL("../../mesh", import.meta.url)), folder, { recursive: true });
  const setTopology = (word: Topology) => rewrite(folder, "mesh.yaml", /(?<=^ *topology: )\w+/m, word);
  await setTopology(topology);
  return { folder, setTopology, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** Saves as an editor should, so that nobody reads half a file. */
async function rewrite(folder: string, name: string, what: RegExp, by: string): Promise<void> {
  const text = await readFile(join(folder, name), "utf8");
  const next = join(folder, `.${name}`);
  await writeFile(next, text.replace(what, by));
  await rename(next, join(folder, name));
}
