import { describeSteps, LoadError, readYaml, type YamlDocument } from "@rxds/core/yaml";
import type { MeshDocument } from "../model/document.js";
import { checkDocument, keyOf } from "./check-document.js";
import type { DocumentProblem } from "./document-problem.js";
import { setDocumentSource } from "./document-source.js";
import type { Finding } from "./finding.js";
import { MeshError } from "./mesh-error.js";

/** How to parse one document. */
export interface ParseDocumentOptions {
  /** The name of the file, for problems. Nothing is read from it. Default: none. */
  readonly file?: string | undefined;
}

/** How to parse a text. */
export interface ParseDocumentsOptions extends ParseDocumentOptions {
  /** The longest text, in characters. Default: 16 777 216. */
  readonly maxLength?: number | undefined;
}

/** What a text holds: documents, and what is wrong with the others. */
export interface ParsedText {
  readonly documents: readonly MeshDocument[];
  readonly problems: readonly DocumentProblem[];
}

/**
 * Makes a document of a value, strictly: unknown fields, wrong types and kinds, and missing fields are problems. The document
 * shares nothing with the value and cannot be changed.
 *
 * @throws MeshError with all that is wrong.
 */
export function parseDocument(value: unknown, options: ParseDocumentOptions = {}): MeshDocument {
  const { file } = options;
  const { document, findings } = checkDocument(value);
  if (document === undefined) throw new MeshError(findings.map((finding) => problemOf(finding, { file, value })));
  setDocumentSource(document, { file, document: undefined, line: undefined });
  return document;
}

/**
 * The documents of a text of YAML 1.2 or JSON: any number, separated by `---`. Empty documents are passed over.
 *
 * Safe for texts that nobody vouches for: too long a text, more than 1 000 000 values (those that come by aliases counted each
 * time) and nesting deeper than 100 levels are refused.
 *
 * @throws MeshError with all that is wrong with any of them.
 */
export function parseDocuments(text: string, options: ParseDocumentsOptions = {}): MeshDocument[] {
  const { documents, problems } = parseText(text, options);
  if (problems.length > 0) throw new MeshError(problems);
  return [...documents];
}

/** Like `parseDocuments`, and gives what is good beside what is not. */
export function parseText(text: string, options: ParseDocumentsOptions): ParsedText {
  const { file } = options;
  const documents: MeshDocument[] = [];
  const problems: DocumentProblem[] = [];
  for (const read of readDocuments(text, options, problems)) {
    const { document, findings } = checkDocument(read.value);
    if (document === undefined) {
      problems.push(
        ...findings.map((finding) => problemOf(finding, { file, value: read.value, read })).sort(byPosition),
      );
    } else {
      setDocumentSource(document, { file, document: read.index, line: read.locate([], "value")?.line });
      documents.push(document);
    }
  }
  return { documents, problems };
}

function readDocuments(text: string, options: ParseDocumentsOptions, problems: DocumentProblem[]): YamlDocument[] {
  try {
    return readYaml(text, options);
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    for (const { code, file, document, line, column, path, message, suggestion } of error.problems) {
      const ours = code === "duplicate-key" || code === "too-large" ? code : "syntax";
      const expected = code === "too-large" ? "less" : "YAML 1.2 or JSON";
      problems.push({ code: ours, file, document, key: undefined, path, line, column, expected, message, suggestion });
    }
    return [];
  }
}

function byPosition(a: DocumentProblem, b: DocumentProblem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** Where a value came from. */
interface Origin {
  readonly file: string | undefined;
  readonly value: unknown;
  /** Its number among others. */
  readonly index?: number;
  /** Where it stands in a text. */
  readonly read?: YamlDocument;
}

/** What is wrong in a value, and where that is. */
export function problemOf(finding: Finding, { file, value, index, read }: Origin): DocumentProblem {
  const { code, steps, what, expected, message, suggestion } = finding;
  const { line, column } = read?.locate(steps, what) ?? {};
  const path = describeSteps(steps);
  return {
    code,
    file,
    document: read?.index ?? index,
    key: keyOf(value),
    path,
    line,
    column,
    expected,
    message,
    suggestion,
  };
}
