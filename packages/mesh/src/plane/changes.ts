import type { MeshLike } from "../compile-mesh.js";
import type { DocumentChange } from "../graph/compiler.js";

/** The documents that differ between two meshes. One that is the same object is the same. */
export function changesBetween(before: MeshLike | undefined, after: MeshLike): DocumentChange[] {
  const changes: DocumentChange[] = [];
  const old = before?.documents ?? new Map();
  for (const [key, document] of after.documents) {
    const was = old.get(key);
    if (was !== document) changes.push({ before: was, after: document });
  }
  for (const [key, document] of old) {
    if (!after.documents.has(key)) changes.push({ before: document, after: undefined });
  }
  return changes;
}
