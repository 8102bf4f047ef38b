/**
 * What is wrong at one place.
 *
 * - `syntax`: no YAML or JSON; `duplicate-key`: a key occurs twice in a map.
 * - `too-large`: past a limit of size or depth.
 * - `unexpected-shape`: a document, or an entry of one, is nothing that holds resources.
 * - `unknown-type`: a `@type` that is not known; `not-a-resource`: a type that is no resource.
 * - `unknown-field`, `unknown-enum-value`: a name that the API does not have.
 * - `wrong-type`: a value of another kind than the field's; `out-of-range`: a number or time that the field cannot hold.
 * - `field-conflict`: a field that is given twice under its two names, or two members of one oneof.
 */
export type LoadProblemCode =
  | "syntax"
  | "duplicate-key"
  | "too-large"
  | "unexpected-shape"
  | "unknown-type"
  | "not-a-resource"
  | "unknown-field"
  | "unknown-enum-value"
  | "wrong-type"
  | "out-of-range"
  | "field-conflict";

/** One thing that is wrong in a configuration file. Plain data; holds no secret. */
export interface LoadProblem {
  /** What kind of problem it is. */
  readonly code: LoadProblemCode;
  /** The file, as the option `file` names it. */
  readonly file: string | undefined;
  /** Which document of the file, from 0. */
  readonly document: number;
  /** Line, from 1, where known. */
  readonly line: number | undefined;
  /** Column, from 1, where known. */
  readonly column: number | undefined;
  /** Where in the document, with the names as they are written: `static_resources.clusters[1].lb_policy`. Empty: all of it. */
  readonly path: string;
  /** What is wrong and what was expected. */
  readonly message: string;
  /** What was probably meant, where something is close. */
  readonly suggestion: string | undefined;
}

const SHOWN = 5;

/** A configuration file could not be loaded. Nothing of it was; `problems` has all that is wrong with it, up to 100 things. */
export class LoadError extends Error {
  override readonly name = "LoadError";
  constructor(
    /** What is wrong, in the order of the file; at least one. */
    readonly problems: readonly LoadProblem[],
  ) {
    const lines = problems.slice(0, SHOWN).map(describeLoadProblem);
    if (problems.length > SHOWN) lines.push(`and ${problems.length - SHOWN} more`);
    super(lines.join("\n"));
  }
}

/** One line for people: `envoy.yaml:12:7: clusters[0].connect_timeot: unknown field …; did you mean "connect_timeout"?` */
export function describeLoadProblem(problem: LoadProblem): string {
  const { file, document, line, column, path, message, suggestion } = problem;
  const where = line === undefined ? `document ${document}` : `${line}:${column}`;
  const named = file === undefined ? where : `${file}:${line === undefined ? ` ${where}` : where}`;
  const hint = suggestion === undefined ? "" : `; did you mean ${JSON.stringify(suggestion)}?`;
  return `${named}: ${path === "" ? "" : `${path}: `}${message}${hint}`;
}
