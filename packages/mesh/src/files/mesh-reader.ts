import type { DocumentProblem } from "../documents/document-problem.js";
import type { Mesh } from "../documents/mesh.js";
import { meshLike } from "../documents/mesh.js";
import { MeshError } from "../documents/mesh-error.js";
import type { parseText } from "../documents/parse-documents.js";
import { createFileReader } from "./file-reader.js";
import type { Listing } from "./list-files.js";

/** What to hold to when files are read. */
export interface LoadMeshOptions {
  /** The longest file, in bytes. Default: 16 777 216. */
  readonly maxLength?: number | undefined;
}

/** Makes meshes of files, one after the other. */
export interface MeshReader {
  /**
   * The mesh of files, or all that is wrong with them. Documents that are equal to those of the last good mesh are the same
   * objects; when all are, it is the same mesh.
   */
  read(listing: Listing): Promise<ReadMesh>;
}

/** A mesh, or problems. */
export type ReadMesh =
  | { readonly mesh: Mesh; readonly problems: readonly [] }
  | { readonly mesh?: undefined; readonly problems: readonly DocumentProblem[] };

/** Starts without a mesh. */
export function createMeshReader(options: LoadMeshOptions = {}, parse?: typeof parseText): MeshReader {
  const { maxLength = 2 ** 24 } = options;
  const files = createFileReader(parse === undefined ? { maxLength } : { maxLength, parse });
  let last: Mesh | undefined;
  return {
    async read(listing) {
      const texts = await files.read(listing.files);
      const problems = [...listing.problems, ...texts.flatMap((text) => text.problems)];
      const documents = texts.flatMap((text) => text.documents);
      try {
        const mesh = meshLike(problems.length === 0 ? last : undefined, documents);
        if (problems.length > 0) return { problems };
        last = mesh;
        return { mesh, problems: [] };
      } catch (error) {
        if (!(error instanceof MeshError)) throw error;
        return { problems: [...problems, ...error.problems] };
      }
    },
  };
}
