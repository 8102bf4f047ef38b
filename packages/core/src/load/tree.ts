/** What YAML and JSON hold. Whole numbers of YAML stay bigint, so that 64-bit values keep their digits. */
export type Tree = null | boolean | number | bigint | string | TreeList | TreeMap;

/** A list. */
export type TreeList = readonly Tree[];

/** A map. */
export interface TreeMap {
  readonly [key: string]: Tree;
}

/** Whether a value is a list. */
export function isTreeList(tree: Tree): tree is TreeList {
  return Array.isArray(tree);
}

/** Whether a value is a map. */
export function isTreeMap(tree: Tree): tree is TreeMap {
  return typeof tree === "object" && tree !== null && !Array.isArray(tree);
}
