import type { DocumentProblem, DocumentProblemCode } from "../documents/document-problem.js";

/** A problem of a file or folder as a whole. */
export function fileProblem(
  file: string,
  code: DocumentProblemCode,
  expected: string,
  message: string,
): DocumentProblem {
  return {
    code,
    file,
    document: undefined,
    key: undefined,
    path: "",
    line: undefined,
    column: undefined,
    expected,
    message,
    suggestion: undefined,
  };
}

/** A file or folder that the system does not give: the message tells the system's code, such as `EACCES`. */
export function unreadable(
  file: string,
  error: unknown,
  expected = "a file or folder that can be read",
): DocumentProblem {
  const code = errorCode(error) ?? "unknown error";
  const message = code === "ENOENT" ? "there is nothing here" : `cannot be read (${code})`;
  return fileProblem(file, "unreadable", expected, `${message}; expected ${expected}`);
}

/** The system's code of an error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}
