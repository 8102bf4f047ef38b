import type { MeshDocument } from "../model/document.js";
import { sameData } from "./frozen.js";
import type { Mesh } from "./mesh.js";

/** What is different between two meshes. */
export interface MeshDiff {
  /** Documents that only the second has. */
  readonly added: readonly MeshDocument[];
  /** Documents that both have under the same key, and that are not equal. */
  readonly changed: readonly { readonly before: MeshDocument; readonly after: MeshDocument }[];
  /** Documents that only the first has. */
  readonly removed: readonly MeshDocument[];
}

/** What is different in `b`. Documents that are the same object are not looked into; others are compared by what they say. */
export function diffMesh(a: Mesh, b: Mesh): MeshDiff {
  const added: MeshDocument[] = [];
  const changed: { before: MeshDocument; after: MeshDocument }[] = [];
  const removed: MeshDocument[] = [];
  if (a.documents === b.documents) return { added, changed, removed };
  for (const [key, after] of b.documents) {
    const before = a.documents.get(key);
    if (before === undefined) added.push(after);
    else if (!sameData(before, after)) changed.push({ before, after });
  }
  for (const [key, before] of a.documents) if (!b.documents.has(key)) removed.push(before);
  return { added, changed, removed };
}
