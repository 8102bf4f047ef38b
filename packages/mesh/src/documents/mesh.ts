import { documentKey, type MeshDocument } from "../model/document.js";
import { checkDocument } from "./check-document.js";
import type { DocumentProblem } from "./document-problem.js";
import { documentSource, isChecked, setDocumentSource } from "./document-source.js";
import { sameData } from "./frozen.js";
import { MeshError } from "./mesh-error.js";
import { problemOf } from "./parse-documents.js";

/** The documents of a mesh, at one moment. Never changed: a change is another mesh, which shares what stayed. */
export interface Mesh {
  /** Documents by key: `"Service default/web"`, `"Node a"`. All are frozen. */
  readonly documents: ReadonlyMap<string, MeshDocument>;
}

/** What to change in a mesh. */
export interface MeshEdit {
  /** Documents that are added, or take the place of those with the same key. Default: none. */
  readonly set?: Iterable<MeshDocument> | undefined;
  /** Keys of documents that go; one that is not there is passed over. Default: none. */
  readonly delete?: Iterable<string> | undefined;
}

/**
 * A mesh of documents. Those that `parseDocument`, `parseDocuments` or another mesh gave are taken as they are; others are
 * checked and copied.
 *
 * @throws MeshError for documents that are wrong, for two with the same key, and for more than one of kind Mesh.
 */
export function createMesh(documents: Iterable<MeshDocument> = []): Mesh {
  return meshOf(checkAll(documents));
}

/**
 * A mesh with changes. A document that is set and equal to the one that is there changes nothing: the old object stays. If
 * nothing changes, the result is the same mesh.
 *
 * @throws MeshError as `createMesh` does. A key that is both set and deleted is set.
 */
export function editMesh(mesh: Mesh, edit: MeshEdit): Mesh {
  const deleted = new Set(edit.delete);
  const set = new Map(meshOf(checkAll(edit.set ?? []), false).documents);
  const kept = Array.from(mesh.documents).flatMap(([key, document]) => {
    const next = set.get(key) ?? (deleted.has(key) ? undefined : document);
    set.delete(key);
    return next === undefined ? [] : [next];
  });
  return meshLike(mesh, [...kept, ...set.values()]);
}

/** A mesh of checked documents, each of which is the previous mesh's object if it is equal; the previous mesh if all are. */
export function meshLike(previous: Mesh | undefined, documents: readonly MeshDocument[]): Mesh {
  if (previous === undefined) return meshOf(documents);
  let changed = false;
  const shared = documents.map((document) => {
    const old = previous.documents.get(documentKey(document));
    if (old === document) return old;
    if (old === undefined || !sameData(old, document)) {
      changed = true;
      return document;
    }
    return old;
  });
  const mesh = meshOf(shared);
  // Which text a document stands in is no part of the mesh, but must be up to date in what is told about it.
  for (const document of documents) {
    const kept = mesh.documents.get(documentKey(document));
    if (kept !== undefined && kept !== document) setDocumentSource(kept, documentSource(document));
  }
  return changed || mesh.documents.size !== previous.documents.size ? mesh : previous;
}

function meshOf(documents: Iterable<MeshDocument>, alone = true): Mesh {
  const byKey = new Map<string, MeshDocument>();
  const problems: DocumentProblem[] = [];
  let settings: MeshDocument | undefined;
  for (const document of documents) {
    const key = documentKey(document);
    const other = byKey.get(key);
    if (other !== undefined) {
      problems.push(
        clash(
          "duplicate-document",
          document,
          `one document ${key}`,
          `this document is there twice: also ${placeOf(other)}`,
        ),
      );
      continue;
    }
    byKey.set(key, document);
    if (document.kind !== "Mesh") continue;
    if (settings === undefined) settings = document;
    else if (alone) {
      problems.push(
        clash(
          "second-mesh",
          document,
          "one document of kind Mesh",
          `there is a ${documentKey(settings)} already: ${placeOf(settings)}`,
        ),
      );
    }
  }
  if (problems.length > 0) throw new MeshError(problems);
  return Object.freeze({ documents: byKey });
}

function checkAll(documents: Iterable<MeshDocument>): MeshDocument[] {
  const problems: DocumentProblem[] = [];
  const all = Array.from(documents, (value, index) => {
    if (isChecked(value)) return value;
    const { document, findings } = checkDocument(value);
    if (document !== undefined) {
      setDocumentSource(document, { file: undefined, document: index, line: undefined });
      return document;
    }
    problems.push(...findings.map((finding) => problemOf(finding, { file: undefined, value, index })));
    return value;
  });
  if (problems.length > 0) throw new MeshError(problems);
  return all;
}

function clash(
  code: DocumentProblem["code"],
  document: MeshDocument,
  expected: string,
  message: string,
): DocumentProblem {
  const source = documentSource(document);
  const key = documentKey(document);
  return {
    code,
    ...source,
    key,
    path: "",
    column: undefined,
    expected,
    message: `${message}; expected ${expected}`,
    suggestion: undefined,
  };
}

/** Where a document is, for people. */
function placeOf(document: MeshDocument): string {
  const { file, document: index, line } = documentSource(document);
  if (file === undefined) return index === undefined ? "in what was given" : `document ${index} of what was given`;
  return `in ${file}${line === undefined ? "" : `:${line}`}`;
}
