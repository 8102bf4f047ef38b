/**
 * What is wrong at one place.
 *
 * - `unreadable`: a file or folder that cannot be read; `empty-file`: a file without any text.
 * - `syntax`: no YAML or JSON; `duplicate-key`: a key occurs twice in a map; `too-large`: past a limit of size or depth.
 * - `not-a-document`: no map; `unknown-version`, `unknown-kind`: an `apiVersion` or `kind` that does not exist.
 * - `unknown-field`, `missing-field`: a field that the kind does not have, or that it must have.
 * - `wrong-type`: a value of another type than the field's; `invalid-value`: a value that the field cannot have.
 * - `conflict`: fields that exclude each other.
 * - `duplicate-document`: two documents of the same kind, namespace and name; `second-mesh`: two of kind Mesh.
 */
export type DocumentProblemCode =
  | "unreadable"
  | "empty-file"
  | "syntax"
  | "duplicate-key"
  | "too-large"
  | "not-a-document"
  | "unknown-version"
  | "unknown-kind"
  | "unknown-field"
  | "missing-field"
  | "wrong-type"
  | "invalid-value"
  | "conflict"
  | "duplicate-document"
  | "second-mesh";

/** One thing that is wrong in the documents of a mesh. Plain data; shows no values of headers. */
export interface DocumentProblem {
  /** What kind of problem it is. */
  readonly code: DocumentProblemCode;
  /** The file, where the document came from one. */
  readonly file: string | undefined;
  /** Which document, from 0: of the file, or of the list that was given. Undefined: it is about the file as a whole. */
  readonly document: number | undefined;
  /** What the document is called, as far as it says: `"Route default/web"`. */
  readonly key: string | undefined;
  /** Where in the document: `spec.rules[0].matches[1].path.regex`. Empty: all of it. */
  readonly path: string;
  /** Line, from 1, where known. */
  readonly line: number | undefined;
  /** Column, from 1, where known. */
  readonly column: number | undefined;
  /** What would have been right: `a port from 1 to 65535`. */
  readonly expected: string;
  /** What is wrong, and what was expected. */
  readonly message: string;
  /** What was probably meant, where something is close. */
  readonly suggestion: string | undefined;
}

/** One line for people: `web.yaml:12:7: Route default/web: spec.servce: unknown field "servce"; did you mean "service"?` */
export function describeDocumentProblem(problem: DocumentProblem): string {
  const { path, message, suggestion } = problem;
  const hint = suggestion === undefined ? "" : `; did you mean ${JSON.stringify(suggestion)}?`;
  const place = [whereOf(problem), problem.key, path].filter((part) => part !== undefined && part !== "");
  return `${[...place, message].join(": ")}${hint}`;
}

function whereOf({ file, document, key, line, column }: DocumentProblem): string | undefined {
  if (line !== undefined) return `${file ?? "line "}${file === undefined ? "" : ":"}${line}:${column ?? 1}`;
  const which = document === undefined || key !== undefined ? undefined : `document ${document}`;
  return file === undefined ? which : which === undefined ? file : `${file}: ${which}`;
}
