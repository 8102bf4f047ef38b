import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nearlyDocument } from "../../spec-support/nearly-document.js";
import { bad, badBeyondSchema, good, service, textOf } from "../../spec-support/sample-documents.js";
import { type DocumentProblem, describeDocumentProblem } from "./document-problem.js";
import { documentSource } from "./document-source.js";
import { MeshError } from "./mesh-error.js";
import { parseDocument, parseDocuments } from "./parse-documents.js";

function problemsOf(parse: () => unknown): readonly DocumentProblem[] {
  try {
    parse();
  } catch (error) {
    if (error instanceof MeshError) return error.problems;
    throw error;
  }
  return [];
}

describe("a value", () => {
  test.each(good)("%s is a document, and equal to what was given", (_, value) => {
    expect(parseDocument(value)).toEqual(value);
  });

  test.each([...bad, ...badBeyondSchema])("%s is one problem, at its place", (_, value, code, path) => {
    expect(problemsOf(() => parseDocument(value))).toMatchObject([{ code, path }]);
  });

  test("a document shares nothing with what was given, and cannot be changed", () => {
    const value = service("web");
    const document = parseDocument(value);
    value.spec.ports[0]!.port = 81;
    expect(document).toEqual(service("web"));
    expect(() => {
      (document as { kind: string }).kind = "Node";
    }).toThrow(TypeError);
    expect(Object.isFrozen(document.kind === "Service" && document.spec.ports[0])).toBe(true);
  });

  test("members that are undefined are as if they were not there", () => {
    const value = { ...service("web"), metadata: { name: "web", namespace: undefined } };
    expect(Object.keys(parseDocument(value).metadata)).toEqual(["name"]);
  });

  test("a key that JavaScript treats in its own way is not dropped unnoticed", () => {
    const value = JSON.parse(JSON.stringify(service("web")).replace('"ports"', '"__proto__": {}, "ports"'));
    expect(problemsOf(() => parseDocument(value))).toMatchObject([{ code: "unknown-field", path: "spec.__proto__" }]);
  });

  test("the file is named", () => {
    expect(problemsOf(() => parseDocument({}, { file: "a.json" }))[0]?.file).toBe("a.json");
  });
});

describe("what is told", () => {
  const lines = (value: unknown) => problemsOf(() => parseDocument(value)).map(describeDocumentProblem);
  const route = (rule: object) => ({ ...service("web"), kind: "Route", spec: { service: "web", rules: [rule] } });

  test.each([
    [
      { timout: "5s" },
      'spec.rules[0].timout: unknown field; there are backends, fault, matches, mirror, redirect, requestHeaders, responseHeaders, retries, rewrite and timeout; did you mean "timeout"?',
    ],
    [{ timeout: "5" }, 'spec.rules[0].timeout: expected a duration such as "250ms", "5s", "2m" or "1h", got "5"'],
    [{ timeout: 5 }, 'spec.rules[0].timeout: expected a duration such as "250ms", "5s", "2m" or "1h", got 5'],
    [
      { matches: [{ path: "/a" }] },
      'spec.rules[0].matches[0].path: expected { prefix: … }, { exact: … } or { regex: … }, got "/a"',
    ],
    [
      { matches: [{ path: { exact: "/", regex: "/" } }] },
      'spec.rules[0].matches[0].path: expected only one of "exact" and "regex"',
    ],
    [{ redirect: { status: 300 } }, "spec.rules[0].redirect.status: expected 301, 302, 303, 307 or 308, got 300"],
    [{ retries: { attempts: 11 } }, "spec.rules[0].retries.attempts: expected a whole number from 1 to 10, got 11"],
    [{ backends: [{}] }, 'spec.rules[0].backends[0].service: missing; expected "name" or "namespace/name"'],
    [{ backends: [] }, "spec.rules[0].backends: expected a list of at least 1 entry, got an empty list"],
    [{ rewrite: { host: "" } }, 'spec.rules[0].rewrite.host: expected a host name, such as "a.example.com", got ""'],
  ])("%j", (rule, line) => {
    expect(lines(route(rule))).toEqual([`Route default/web: ${line}`]);
  });

  test("a misspelt kind", () => {
    expect(lines({ ...service("web"), kind: "service" })).toEqual([expect.stringMatching(/did you mean "Service"\?$/)]);
  });

  test("values of headers and of what stands beside them are not shown", () => {
    const secret = "hunter2%";
    const told = [
      ...lines(route({ requestHeaders: { set: { authorization: secret } } })),
      ...lines(route({ responseHeaders: { add: { "set-cookie": secret } } })),
      ...lines(route({ matches: [{ headers: { token: { regex: `(${secret}` } } }] })),
      ...lines(route({ matches: [{ query: { token: { regex: `(${secret}` } } }] })),
    ];
    expect(told).toHaveLength(4);
    expect(told.join()).not.toContain("hunter2");
  });

  test("the message of an error tells the first problems and how many more there are", () => {
    const rules = Array.from({ length: 8 }, () => ({ timeout: "x" }));
    const parse = () => parseDocument({ ...service("web"), kind: "Route", spec: { service: "web", rules } });
    expect(parse).toThrow(/^(Route default\/web: .*\n){5}and 3 more$/);
  });
});

describe("a text", () => {
  test("documents of YAML, with where they are", () => {
    const text = `# services\n---\n${textOf(service("a"))}---\n# nothing\n---\n${textOf(service("b"))}`;
    const documents = parseDocuments(text, { file: "a.yaml" });
    expect(documents).toEqual([service("a"), service("b")]);
    expect(documents.map(documentSource)).toMatchObject([
      { file: "a.yaml", line: 3 },
      { file: "a.yaml", line: 20 },
    ]);
  });

  test("problems of all documents are told, each with its line", () => {
    const text = `${textOf(service("a", 0))}---\n${textOf(service("b"))}---\n${textOf(service("c", 0))}`;
    expect(problemsOf(() => parseDocuments(text, { file: "a.yaml" }))).toMatchObject([
      { document: 0, key: "Service default/a", line: 10, path: "spec.ports[0].port" },
      { document: 2, key: "Service default/c", line: 40, path: "spec.ports[0].port" },
    ]);
  });

  test.each([
    ["no YAML", "a: [", "syntax"],
    ["a key twice", "a: 1\na: 2", "duplicate-key"],
    [
      "an alias bomb",
      `a0: &a0 [x]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`).join("\n")}`,
      "too-large",
    ],
    ["nested too deep", "[".repeat(100_000), "too-large"],
    ["nested deeper than documents are", `${"[".repeat(200)}${"]".repeat(200)}`, "too-large"],
  ])("%s is refused", (_, text, code) => {
    expect(problemsOf(() => parseDocuments(text)).map((problem) => problem.code)).toContain(code);
  });

  test("too long a text is refused", () => {
    expect(problemsOf(() => parseDocuments("a: b", { maxLength: 3 }))).toMatchObject([{ code: "too-large" }]);
  });
});

describe("whatever is given", () => {
  test("parsing throws nothing but MeshError, and gives only what it was given", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearlyDocument), (value) => {
        try {
          expect(parseDocument(value)).toEqual(value);
        } catch (error) {
          expect(error).toBeInstanceOf(MeshError);
          expect((error as MeshError).problems.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  test("so does parsing a text", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(..."a:-[]{}&*!|>'\"\n #%,") }),
      nearlyDocument.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(text, (text) => {
        for (const problem of problemsOf(() => parseDocuments(text))) expect(problem.expected).not.toBe("");
      }),
    );
  });
});
