import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from "yaml";
import type { Step } from "./place.js";
import type { Position, Problems } from "./problems.js";
import { isTreeMap, type Tree, type TreeMap } from "./tree.js";

/** Values that a document may have, keys that come by merging included. */
const MAX_VALUES = 1_000_000;

/** What is known while a document is converted. */
interface Conversion {
  readonly report: (node: unknown, code: "syntax" | "duplicate-key", message: string) => void;
  /** Counts values, and gives up when they are too many. */
  readonly count: (values: number) => void;
  /** Values of anchors so far: an alias means the last one before it. */
  readonly anchors: Map<string, { readonly node: Node; readonly tree: Tree }>;
  /** What each alias turned out to mean. */
  readonly targets: Map<Node, Node>;
}

/** A document's content as a value, with aliases and merge keys resolved; undefined when there is none. */
export function convertDocument(
  document: Document.Parsed,
  index: number,
  position: (offset: number) => Position,
  problems: Problems,
): Tree | undefined {
  const at = (node: unknown) => positionOf(node, position);
  let values = 0;
  const conversion: Conversion = {
    report: (node, code, message) => problems.reportText(index, at(node), code, message),
    count: (more) => {
      values += more;
      if (values <= MAX_VALUES) return;
      problems.reportText(index, undefined, "too-large", `more than ${MAX_VALUES} values`);
      problems.throwIfAny();
    },
    anchors: new Map(),
    targets: new Map(),
  };
  const { contents } = document;
  problems.locateBy(index, (steps, what) => at(findNode(contents, steps, what, conversion.targets)));
  const empty = contents === null || (isScalar(contents) && contents.value === null && !contents.source);
  return empty ? undefined : convert(contents, conversion);
}

function convert(node: unknown, conversion: Conversion): Tree {
  conversion.count(1);
  if (isAlias(node)) {
    const target = conversion.anchors.get(node.source);
    if (target === undefined) {
      conversion.report(node, "syntax", "no valid YAML: an alias (*…) without an anchor (&…) that ends before it");
      return null;
    }
    conversion.targets.set(node, target.node);
    return target.tree;
  }
  const tree = convertContent(node, conversion);
  if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) {
    conversion.anchors.set(node.anchor, { node, tree });
  }
  return tree;
}

function convertContent(node: unknown, conversion: Conversion): Tree {
  if (isMap(node)) return convertMap(node, conversion);
  if (isSeq(node)) return node.items.map((item) => convert(item, conversion));
  const value = isScalar(node) ? node.value : null;
  switch (typeof value) {
    case "number":
      // A number past the range of double, unlike .inf: its digits let the check of the field say so.
      return isScalar(node) && /\d/.test(node.source ?? "") && !Number.isFinite(value) ? (node.source ?? value) : value;
    case "string":
    case "boolean":
    case "bigint":
      return value;
    default:
      return null;
  }
}

function convertMap(map: YAMLMap, conversion: Conversion): TreeMap {
  const entries = new Map<string, Tree>();
  const merged: TreeMap[] = [];
  for (const { key, value } of map.items) {
    const name = keyText(key);
    if (name === undefined) {
      conversion.report(key, "syntax", "a key must be a text");
    } else if (isMergeKey(key)) {
      merged.push(...mergeSources(value, conversion));
    } else if (entries.has(name)) {
      conversion.report(key, "duplicate-key", "this key occurs twice in one map");
    } else {
      entries.set(name, convert(value, conversion));
    }
  }
  for (const source of merged) {
    const inherited = Object.entries(source);
    conversion.count(inherited.length);
    for (const [name, tree] of inherited) if (!entries.has(name)) entries.set(name, tree);
  }
  return Object.fromEntries(entries);
}

/** The maps that a merge key names, the ones that win first. */
function mergeSources(value: unknown, conversion: Conversion): TreeMap[] {
  const tree = convert(value, conversion);
  const sources: readonly Tree[] = Array.isArray(tree) ? tree : [tree];
  const maps = sources.filter(isTreeMap);
  if (maps.length < sources.length)
    conversion.report(value, "syntax", "a merge key (<<) takes a map or a list of maps");
  return maps;
}

/** A key as it is written: the key 1.10 is not 1.1. */
function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === "string" ? key.value : key.source || undefined;
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === "PLAIN" && key.source === "<<";
}

/** The node that steps lead to, through aliases and merge keys, or the nearest one above. */
function findNode(
  contents: unknown,
  steps: readonly Step[],
  what: "key" | "value",
  targets: ReadonlyMap<Node, Node>,
): unknown {
  let found: unknown = contents;
  let at = follow(contents, targets);
  for (const [i, step] of steps.entries()) {
    if (isSeq(at) && typeof step === "number") {
      found = at.items[step];
    } else if (isMap(at)) {
      const pair = findPair(at, String(step), targets);
      if (pair === undefined) return found;
      found = what === "key" && i === steps.length - 1 ? pair.key : pair.value;
    } else {
      return found;
    }
    at = follow(found, targets);
  }
  return found;
}

function findPair(map: YAMLMap, name: string, targets: ReadonlyMap<Node, Node>): YAMLMap["items"][number] | undefined {
  const own = map.items.find(({ key }) => keyText(key) === name);
  if (own !== undefined) return own;
  for (const { key, value } of map.items) {
    if (!isMergeKey(key)) continue;
    const source = follow(value, targets);
    for (const part of isSeq(source) ? source.items : [source]) {
      const node = follow(part, targets);
      const pair = isMap(node) ? findPair(node, name, targets) : undefined;
      if (pair !== undefined) return pair;
    }
  }
  return undefined;
}

function follow(node: unknown, targets: ReadonlyMap<Node, Node>): unknown {
  return isAlias(node) ? targets.get(node) : node;
}

function positionOf(node: unknown, position: (offset: number) => Position): Position | undefined {
  if (!(isScalar(node) || isMap(node) || isSeq(node) || isAlias(node))) return undefined;
  return node.range ? position(node.range[0]) : undefined;
}
