import type { MeshDocument } from "../model/document.js";

/** Where a document was read. */
export interface DocumentSource {
  /** The file; undefined: it came from none. */
  readonly file: string | undefined;
  /** Which document of the file, from 0. */
  readonly document: number | undefined;
  /** The line on which it begins, from 1, where known. */
  readonly line: number | undefined;
}

const NOWHERE: DocumentSource = { file: undefined, document: undefined, line: undefined };
const sources = new WeakMap<MeshDocument, DocumentSource>();

/**
 * Where a document was last read: it stays the same object while its text moves. Nothing is known of a document that was not
 * made by this package, or not read from a text.
 */
export function documentSource(document: MeshDocument): DocumentSource {
  return sources.get(document) ?? NOWHERE;
}

/** Marks a document as checked, and says where it was read. */
export function setDocumentSource(document: MeshDocument, source: DocumentSource): void {
  sources.set(document, source);
}

/** Whether a document was checked, and so is frozen. */
export function isChecked(document: MeshDocument): boolean {
  return sources.has(document);
}
