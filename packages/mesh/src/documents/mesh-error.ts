import { type DocumentProblem, describeDocumentProblem } from "./document-problem.js";

const SHOWN = 5;

/** Documents are no good mesh. Nothing of them was taken; the message tells the first five problems, one a line. */
export class MeshError extends Error {
  override readonly name = "MeshError";
  constructor(
    /** All that is wrong, at most 100 things a document, in the order of the documents; at least one. */
    readonly problems: readonly DocumentProblem[],
  ) {
    const lines = problems.slice(0, SHOWN).map(describeDocumentProblem);
    if (problems.length > SHOWN) lines.push(`and ${problems.length - SHOWN} more`);
    super(lines.join("\n"));
  }
}
