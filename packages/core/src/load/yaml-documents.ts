import { Composer, type CST, type Document, type ErrorCode, LineCounter, Parser } from "yaml";
import type { Position, Problems } from "./problems.js";
import type { Tree } from "./tree.js";
import { convertDocument } from "./yaml-convert.js";

/** Far above any configuration; composing is recursive, and too deep a recursion ends the process. */
const MAX_NESTING = 500;

/** What the parser's codes mean. Its own messages are not used: they may quote the text, and with it a secret. */
const meanings: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: "an alias cannot have an anchor or a tag",
  BAD_ALIAS: "an alias or anchor has an illegal name",
  BAD_COLLECTION_TYPE: "a tag that does not fit the collection that it stands at",
  BAD_DIRECTIVE: "an unknown or malformed % directive",
  BAD_DQ_ESCAPE: "an illegal escape sequence in a text in double quotes",
  BAD_INDENT: "wrong indentation",
  BAD_PROP_ORDER: "an anchor or tag stands before the indicator that it must follow",
  BAD_SCALAR_START: "a text that begins with this character must be in quotes",
  BLOCK_AS_IMPLICIT_KEY:
    "a map cannot begin on the line of another key: put it on the next line, or the text in quotes",
  BLOCK_IN_FLOW: "a block collection cannot stand inside { } or [ ]",
  DUPLICATE_KEY: "a key occurs twice in one map",
  IMPOSSIBLE: "the text cannot be parsed",
  KEY_OVER_1024_CHARS: "a key of more than 1024 characters must be marked with ?",
  MISSING_CHAR: "something is missing here: a quote, bracket, comma, colon or space",
  MULTILINE_IMPLICIT_KEY: "a key must be on one line",
  MULTIPLE_ANCHORS: "a value can have only one anchor",
  MULTIPLE_DOCS: "a document that ended goes on: separate documents by ---",
  MULTIPLE_TAGS: "a value can have only one tag",
  NON_STRING_KEY: "a key must be a text",
  RESOURCE_EXHAUSTION: "nested too deep",
  TAB_AS_INDENT: "a tab cannot indent",
  TAG_RESOLVE_FAILED: "an unknown tag (!…)",
  UNEXPECTED_TOKEN: "this was not expected here: check indentation, quotes and brackets",
};

/**
 * The documents of a YAML stream (JSON is YAML too) as values; a document without content is undefined. What is no good
 * YAML is reported, and nothing returned.
 */
export function parseYaml(text: string, problems: Problems): (Tree | undefined)[] {
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const deep = tokens.map(findTooDeep).find((offset) => offset !== undefined);
  if (deep !== undefined) {
    problems.reportText(0, position(deep), "too-large", `nested more than ${MAX_NESTING} levels deep`);
    return [];
  }
  const before = problems.count();
  const documents = [...compose(tokens, text.length)];
  documents.forEach(({ errors, warnings }, index) => {
    for (const error of [...errors, ...warnings]) {
      problems.reportText(index, position(error.pos[0]), "syntax", `no valid YAML: ${meanings[error.code]}`);
    }
  });
  if (problems.count() > before) return [];
  return documents.map((document, index) => convertDocument(document, index, position, problems));
}

function compose(tokens: CST.Token[], length: number): Generator<Document.Parsed> {
  // Duplicate keys are found while converting, in linear time.
  const composer = new Composer({
    intAsBigInt: true,
    merge: true,
    schema: "core",
    uniqueKeys: false,
    prettyErrors: false,
  });
  return composer.compose(tokens, false, length);
}

/** The offset of a token that is nested too deep, if there is one. */
function findTooDeep(token: CST.Token): number | undefined {
  const stack: { token: CST.Token; depth: number }[] = [{ token, depth: 0 }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { token, depth } = next;
    if (depth > MAX_NESTING) return token.offset;
    if (token.type === "document" && token.value) stack.push({ token: token.value, depth });
    if (!("items" in token)) continue;
    for (const { key, value } of token.items) {
      if (key) stack.push({ token: key, depth: depth + 1 });
      if (value) stack.push({ token: value, depth: depth + 1 });
    }
  }
  return undefined;
}
