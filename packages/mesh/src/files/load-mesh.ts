import type { Mesh } from "../documents/mesh.js";
import { MeshError } from "../documents/mesh-error.js";
import { listFiles } from "./list-files.js";
import { createMeshReader, type LoadMeshOptions } from "./mesh-reader.js";

/**
 * The mesh of files: those that are given, and in folders all `*.yaml`, `*.yml` and `*.json` at any depth, except names that
 * begin with a dot. Links are followed.
 *
 * @throws MeshError (the promise is rejected) with all that is wrong with any file: one that cannot be read or has no text,
 * no good documents, two documents with the same key.
 */
export async function loadMesh(paths: string | readonly string[], options: LoadMeshOptions = {}): Promise<Mesh> {
  const listing = await listFiles(typeof paths === "string" ? [paths] : paths);
  const { mesh, problems } = await createMeshReader(options).read(listing);
  if (mesh === undefined) throw new MeshError(problems);
  return mesh;
}
