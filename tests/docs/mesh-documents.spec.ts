import { createMesh, kinds, parseDocuments } from "@rxds/mesh";
import { expect, test } from "vitest";
import { codeBlocks } from "./markdown.js";

const documents = codeBlocks("docs/guides/mesh-documents.md")
  .filter(({ language }) => language === "yaml")
  .flatMap(({ page, line, code }) => parseDocuments(code, { file: `${page}:${line}` }));

test("the documents of the guide are good, and there is one of each kind", () => {
  expect(createMesh(documents).documents.size).toBe(documents.length);
  expect(new Set(documents.map(({ kind }) => kind))).toEqual(new Set(Object.keys(kinds)));
});
