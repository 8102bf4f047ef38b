import { expect, test } from "vitest";
import { LoadError, type LoadProblem } from "./load-error.js";
import { describeSteps, type ReadYamlOptions, readYaml } from "./read-yaml.js";

function problemsOf(text: string, options?: ReadYamlOptions): readonly LoadProblem[] {
  try {
    readYaml(text, options);
  } catch (error) {
    if (error instanceof LoadError) return error.problems;
    throw error;
  }
  throw new Error("expected a LoadError");
}

test("documents come with their number; empty ones are passed over", () => {
  const documents = readYaml("---\na: 1\n---\n# nothing\n---\n[true, null, x, 1.5]\n");
  expect(documents.map(({ index, value }) => [index, value])).toEqual([
    [0, { a: 1 }],
    [2, [true, null, "x", 1.5]],
  ]);
});

test("JSON is read too, and nothing is no document", () => {
  expect(readYaml('{"a": {"b": 12}}')[0]?.value).toEqual({ a: { b: 12 } });
  expect(readYaml("")).toEqual([]);
});

test("keys and values are found in the text, through aliases too", () => {
  const [document] = readYaml("a: &x\n  b:\n    - 1\nc: *x\n");
  expect(document?.locate(["a", "b", 0], "value")).toEqual({ line: 3, column: 7 });
  expect(document?.locate(["a", "b"], "key")).toEqual({ line: 2, column: 3 });
  expect(document?.locate(["c", "b", 0], "value")).toEqual({ line: 3, column: 7 });
  expect(document?.locate(["a", "nothing"], "value")).toEqual({ line: 2, column: 3 });
});

test("what an alias repeats is an object of its own each time", () => {
  const [document] = readYaml("a: &x { b: 1 }\nc: *x\n");
  const value = document?.value as { a: object; c: object };
  expect(value.a).toEqual(value.c);
  expect(value.a).not.toBe(value.c);
});

test("a key may have the name of a prototype", () => {
  const [document] = readYaml('{"__proto__": {"a": 1}}');
  expect(Object.keys(document?.value ?? {})).toEqual(["__proto__"]);
});

test("aliases that make a small text enormous are refused", () => {
  const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}]`);
  expect(problemsOf(`l0: &l0 [lol]\n${levels.join("\n")}`)).toMatchObject([{ code: "too-large" }]);
});

test.each([
  ["too long", "a: b", { maxLength: 3 }],
  ["nested deeper than the parser goes", "[".repeat(100_000), {}],
  ["nested deeper than the limit", `${"[".repeat(150)}${"]".repeat(150)}`, {}],
])("a text that is %s is refused", (_, text, options) => {
  expect(problemsOf(text, options)).toMatchObject([{ code: "too-large" }]);
});

test("what is reported names file and line", () => {
  expect(problemsOf("a: 1\na: 2\n", { file: "a.yaml" })).toMatchObject([
    { code: "duplicate-key", file: "a.yaml", line: 2, column: 1 },
  ]);
});

test("steps are described as one would write them", () => {
  expect(describeSteps(["spec", "rules", 0, "a.b/c", "d"])).toBe('spec.rules[0]["a.b/c"].d');
  expect(describeSteps([])).toBe("");
});
