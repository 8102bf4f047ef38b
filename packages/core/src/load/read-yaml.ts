import { MAX_DEPTH } from "./check-context.js";
import { below, documentPlace, type Place, pathText, type Step } from "./place.js";
import { createProblems, type Problems } from "./problems.js";
import { isTreeList, type Tree } from "./tree.js";
import { parseYaml } from "./yaml-documents.js";

/** What YAML and JSON hold, as JavaScript values. Every list and map is an object of its own, also where an alias repeats it. */
export type YamlValue = null | boolean | number | string | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/** One document of a YAML stream. */
export interface YamlDocument {
  /** Its number in the text, from 0; documents without content are counted. */
  readonly index: number;
  /** Its content. */
  readonly value: YamlValue;
  /** Where steps from the document down lead to, or the nearest place above: the key there, or the value. */
  readonly locate: (steps: readonly (string | number)[], what: "key" | "value") => TextPosition | undefined;
}

/** A place in a text. */
export interface TextPosition {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** How to read YAML. */
export interface ReadYamlOptions {
  /** The name of the file, for errors. Nothing is read from it. Default: none. */
  readonly file?: string | undefined;
  /** The longest text, in characters. Default: 16 777 216. */
  readonly maxLength?: number | undefined;
}

/** Values that a text may have, those that come by aliases counted each time. */
const MAX_VALUES = 1_000_000;

/**
 * The documents of a text of YAML 1.2 or JSON, without those that are empty. Whole numbers become numbers, also where a
 * double cannot hold all their digits.
 *
 * Safe for texts that nobody vouches for: too long a text, more than 1 000 000 values (aliases and merge keys resolved) and
 * nesting deeper than 100 levels are refused. What is reported quotes nothing of the text.
 *
 * @throws LoadError with the codes `syntax`, `duplicate-key` and `too-large`.
 */
export function readYaml(text: string, options: ReadYamlOptions = {}): YamlDocument[] {
  const { file, maxLength = 2 ** 24 } = options;
  const problems = createProblems(file);
  const locators = new Map<number, YamlDocument["locate"]>();
  const located: Problems = {
    ...problems,
    locateBy(document, locate) {
      locators.set(document, locate);
      problems.locateBy(document, locate);
    },
  };
  checkLength(text, maxLength, problems);
  const trees = parseYaml(text, located);
  problems.throwIfAny();
  const copy = createCopier(problems);
  const documents = trees.flatMap((tree, index): YamlDocument[] => {
    if (tree === undefined) return [];
    const locate = locators.get(index) ?? (() => undefined);
    return [{ index, value: copy(tree, documentPlace(index)), locate }];
  });
  problems.throwIfAny();
  return documents;
}

/** Refuses a text that is too long, before anything of it is read. */
export function checkLength(text: string, maxLength: number, problems: Problems): void {
  if (text.length <= maxLength) return;
  const message = `${text.length} characters, expected at most ${maxLength} (maxLength)`;
  problems.reportText(0, undefined, "too-large", message);
  problems.throwIfAny();
}

/** Copies trees, and counts what it copies: aliases make a small text a very large value. */
function createCopier(problems: Problems): (tree: Tree, place: Place) => YamlValue {
  let values = 0;
  const giveUp = (place: Place, message: string) => {
    problems.report(place, "value", "too-large", message);
    problems.throwIfAny();
  };
  const copy = (tree: Tree, place: Place): YamlValue => {
    if (++values > MAX_VALUES) giveUp(place, `more than ${MAX_VALUES} values`);
    if (place.depth > MAX_DEPTH) giveUp(place, `nested more than ${MAX_DEPTH} levels deep`);
    if (typeof tree === "bigint") return Number(tree);
    if (typeof tree !== "object" || tree === null) return tree;
    if (isTreeList(tree)) return tree.map((item, i) => copy(item, below(place, i)));
    // Not by assignment: a key may be "__proto__".
    return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, copy(value, below(place, key))]));
  };
  return copy;
}

/** Steps into a document for people: `spec.rules[0].matches[1].path`, `metadata.labels["a.b/c"]`. Long keys are cut. */
export function describeSteps(steps: readonly (string | number)[]): string {
  return pathText(steps.reduce<Place>((place: Place, step: Step) => below(place, step), documentPlace(0)));
}
