import { LoadError, type LoadProblem, type LoadProblemCode } from "./load-error.js";
import { type Place, pathText, type Step, stepsTo } from "./place.js";

/** Where something is in the text; both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Finds the text position of what steps lead to: of the key that leads there, or of the value. */
export type Locate = (steps: readonly Step[], what: "key" | "value") => Position | undefined;

/** Collects what is wrong, so that a file's mistakes are told all at once. */
export interface Problems {
  /** Reports something at a place: at the key that leads there, or at the value. */
  report(place: Place, what: "key" | "value", code: LoadProblemCode, message: string, suggestion?: string): void;
  /** Reports something that has a text position but no place. */
  reportText(document: number, position: Position | undefined, code: LoadProblemCode, message: string): void;
  /** From now on, places of this document are found so. */
  locateBy(document: number, locate: Locate): void;
  /** How many things were reported. */
  count(): number;
  /** Throws what was reported, if anything was. */
  throwIfAny(): void;
}

/** More than so many things are not worth telling. */
const MOST = 100;

/** Starts a collection. `file` names the file in what is reported. */
export function createProblems(file: string | undefined): Problems {
  const found: LoadProblem[] = [];
  const locators = new Map<number, Locate>();
  const add = (problem: Omit<LoadProblem, "file" | "line" | "column">, position: Position | undefined) => {
    const { line, column } = position ?? {};
    found.push({ ...problem, file, line, column });
    if (found.length >= MOST) throw new LoadError(inOrder(found));
  };
  return {
    report(place, what, code, message, suggestion) {
      const { document } = place;
      const position = locators.get(document)?.(stepsTo(place), what);
      add({ code, document, path: pathText(place), message, suggestion }, position);
    },
    reportText(document, position, code, message) {
      add({ code, document, path: "", message, suggestion: undefined }, position);
    },
    locateBy: (document, locate) => void locators.set(document, locate),
    count: () => found.length,
    throwIfAny() {
      if (found.length > 0) throw new LoadError(inOrder(found));
    },
  };
}

function inOrder(problems: readonly LoadProblem[]): LoadProblem[] {
  const place = ({ document, line = 0, column = 0 }: LoadProblem) => [document, line, column] as const;
  return problems.toSorted((a, b) => {
    const [x, y] = [place(a), place(b)];
    return x[0] - y[0] || x[1] - y[1] || x[2] - y[2];
  });
}
