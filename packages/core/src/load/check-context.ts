import type { DescMessage, JsonValue } from "@bufbuild/protobuf";
import type { MessageTypes } from "./message-types.js";
import { type Place, shorten } from "./place.js";
import type { Problems } from "./problems.js";
import { isTreeList, type Tree } from "./tree.js";

/** Levels below a document; Envoy's own limit for messages is as high. */
export const MAX_DEPTH = 100;

/** What all checks share. Each check returns its value as strict proto3 JSON, and null where it reported something. */
export interface CheckContext {
  readonly problems: Problems;
  readonly types: MessageTypes;
  /** Checks a message. */
  message(schema: DescMessage, tree: Tree, place: Place): JsonValue;
  /**
   * Counts values at a place, and gives up when they are too many: aliases make a small text a very large value. Whether
   * the place is not too deep; that it is, is reported.
   */
  enter(place: Place, values: number): boolean;
}

/** Reports a value of the wrong kind. */
export function wrongType(context: CheckContext, place: Place, expected: string, tree: Tree): null {
  context.problems.report(place, "value", "wrong-type", `expected ${expected}, got ${kindOf(tree)}`);
  return null;
}

/** What kind of value it is, without showing it. */
export function kindOf(tree: Tree): string {
  if (tree === null) return "null";
  switch (typeof tree) {
    case "string":
      return tree === "" ? "an empty text" : "a text";
    case "number":
    case "bigint":
      return "a number";
    case "boolean":
      return String(tree);
    default:
      return isTreeList(tree) ? "a list" : "a map";
  }
}

/** A value that may be shown unless the place is secret: a number, or a text, shortened. */
export function shown(tree: Tree, place: Place): string {
  if (place.secret) return kindOf(tree);
  if (typeof tree === "string") return shorten(tree);
  return typeof tree === "number" || typeof tree === "bigint" ? String(tree) : kindOf(tree);
}
