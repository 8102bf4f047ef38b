/** What is wrong with one document, found while the mesh was compiled. What is wrong is left out; all else goes on. */
export interface MeshProblem {
  /** The document: `"Route default/web"`. */
  readonly document: string;
  /** Where in it: `"spec.rules[0].backends[1].service"`. */
  readonly path: string;
  /** What was expected. */
  readonly message: string;
}

/** Hears of what is wrong. */
export type Report = (problem: MeshProblem) => void;

/** A report for what is below a path of one document. */
export function reportAt(report: Report, document: string): (path: string, message: string) => void {
  return (path, message) => report({ document, path, message });
}

/** A problem in one line. */
export function describeMeshProblem({ document, path, message }: MeshProblem): string {
  return path === "" ? `${document}: ${message}` : `${document} at ${path}: ${message}`;
}
