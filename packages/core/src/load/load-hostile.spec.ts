import { describe, expect, test } from "vitest";
import { LoadError, type LoadProblem } from "./load-error.js";
import { type LoadOptions, load } from "./load-resources.js";

function problemsOf(text: string, options?: LoadOptions): readonly LoadProblem[] {
  try {
    load(text, options);
  } catch (error) {
    if (error instanceof LoadError) return error.problems;
    throw error;
  }
  throw new Error("expected a LoadError");
}

const cluster = '"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster\nname: a\n';

/** The only problem of a cluster with these lines more. */
function problemOf(lines: string): LoadProblem {
  const problems = problemsOf(cluster + lines);
  expect(problems).toHaveLength(1);
  return problems[0] ?? expect.fail();
}

describe("YAML", () => {
  test.each<[string, string, Partial<LoadProblem>]>([
    ["a duplicate key", `${cluster}name: b`, { code: "duplicate-key", line: 3, column: 1 }],
    ["a duplicate key in quotes", `${cluster}"name": b`, { code: "duplicate-key", line: 3 }],
    ["a duplicate key in JSON", '{ "a": 1,\n "a": 2 }', { code: "duplicate-key", line: 2, column: 2 }],
    ["an unclosed quote", 'a: "b', { code: "syntax", line: 1 }],
    ["wrong indentation", "a:\n  b: 1\n c: 2", { code: "syntax", line: 3 }],
    ["a tab as indentation", "a:\n\tb: 1", { code: "syntax", line: 2 }],
    ["an alias without anchor", "a: *b", { code: "syntax", message: expect.stringContaining("alias") }],
    ["an alias of what it stands in", "a: &a [*a]", { code: "syntax", message: expect.stringContaining("alias") }],
    ["an unknown tag", "a: !secret b", { code: "syntax", message: expect.stringContaining("tag") }],
    ["a key that is a list", "? [a]\n: b", { code: "syntax", message: "a key must be a text" }],
    ["a merge of no map", "<<: 1", { code: "syntax", message: expect.stringContaining("merge") }],
  ])("%s is refused", (_, text, expected) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject(expected);
  });

  test("a number as key is taken as it is written", () => {
    expect(problemOf("metadata: { filter_metadata: { 1.10: 1 } }").path).toBe('metadata.filter_metadata["1.10"]');
  });

  test("a text past the limit is refused before it is read", () => {
    expect(problemsOf(cluster, { maxLength: 10 })).toMatchObject([
      { code: "too-large", message: expect.stringContaining("maxLength") },
    ]);
  });

  test.each([
    ["flow lists", "[".repeat(100_000)],
    ["closed flow lists", "[".repeat(20_000) + "]".repeat(20_000)],
    ["block lists", `${"- ".repeat(20_000)}a`],
    ["maps", Array.from({ length: 600 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")],
  ])("%s nested too deep are refused", (_, text) => {
    expect(problemsOf(text)).toMatchObject([{ code: "too-large" }]);
  });

  test("free-form JSON nested too deep is refused with its place", () => {
    const deep = (levels: number) =>
      `metadata: { filter_metadata: { a: { b: ${"[".repeat(levels)}${"]".repeat(levels)} } } }`;
    expect(load(cluster + deep(90))).toHaveLength(1);
    expect(problemOf(deep(110))).toMatchObject({ code: "too-large", message: "nested more than 100 levels deep" });
  });

  test("aliases that make a small text enormous are refused", () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}]`);
    const bomb = `metadata:\n  filter_metadata:\n    a:\n      l0: &l0 [lol]\n      ${levels.join("\n      ")}`;
    expect(problemsOf(cluster + bomb)).toMatchObject([{ code: "too-large" }]);
  });

  test("lists that aliases repeat in many messages are refused when they are too many", () => {
    const hosts = Array.from({ length: 2000 }, (_, i) => `- { name: v${i}, domains: *all }`).join("\n");
    const first = `- { name: v, domains: &all [${"x, ".repeat(2000)}] }`;
    const text = `"@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration\nvirtual_hosts:\n${first}\n${hosts}`;
    expect(problemsOf(text)).toMatchObject([{ code: "too-large", message: expect.stringContaining("values") }]);
  });

  test("merge keys that make a small text enormous are refused", () => {
    const keys = Array.from({ length: 2000 }, (_, i) => `k${i}: 1`).join(", ");
    const merges = Array.from({ length: 2000 }, (_, i) => `m${i}: { <<: *k }`).join("\n");
    expect(problemsOf(`k: &k { ${keys} }\n${merges}`)).toMatchObject([{ code: "too-large" }]);
  });
});

describe("secrets never show in what is reported", () => {
  const secret = "hunter2";
  const type = '"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret\nname: s\n';

  test.each([
    ["a number that should be a text", `${type}tls_certificate: { private_key: { inline_string: 4711123 } }`],
    ["bytes that are no base64", `${type}tls_certificate: { private_key: { inline_bytes: "${secret}!" } }`],
    ["a text where a source belongs", `${type}tls_certificate: { private_key: ${secret} }`],
    ["a text where a message belongs", `${type}generic_secret: ${secret}`],
    ["a value that became a key", `${type}tls_certificate: { private_key: { ${secret}: } }`],
    ["a key of a map in it", `${type}generic_secret: { secrets: { ${secret}: 1 } }`],
    ["a type in it", `${type}tls_certificate: { private_key_provider: { typed_config: { "@type": ${secret} } } }`],
    ["an enum in it", `${type}tls_certificate: { tls_params: { tls_minimum_protocol_version: ${secret} } }`],
    ["a duration in it", `${type}validation_context: { max_verify_depth: ${secret} }`],
    ["no valid YAML", `${type}tls_certificate: { private_key: { inline_string: "${secret} } }`],
    ["a document that is not indented", `${type}tls_certificate:\n  private_key:\n    inline_string: |\n${secret}\n`],
    ["a duplicate key", `${type}generic_secret: { secret: { inline_string: ${secret}, inline_string: ${secret} } }`],
    ["an unknown tag", `${type}generic_secret: { secret: { inline_string: !${secret} x } }`],
    ["an alias", `${type}generic_secret: { secret: { inline_string: *${secret} } }`],
    ["a static resource", `static_resources: { secrets: [{ name: s, generic_secret: { secret: [${secret}] } }] }`],
    [
      "a packed secret",
      `"@type": type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig\ntyped_config: { ${type.replaceAll("\n", ", ")} tls_certificate: ${secret} }`,
    ],
    [
      "a source that is no secret's",
      `"@type": type.googleapis.com/envoy.config.route.v3.VirtualHost\nroutes: [{ direct_response: { body: { inline_string: [${secret}] } } }]`,
    ],
  ])("%s", (_, text) => {
    const problems = problemsOf(text, { file: "secrets.yaml" });
    const told = JSON.stringify(problems) + new LoadError(problems).message;
    expect(told).not.toContain(secret);
    expect(told).not.toContain("4711");
  });

  test("a field of a secret that is nearly right is still named", () => {
    const problems = problemsOf(`${type}tls_certificate: { private_key: { inline_strin: ${secret} } }`);
    expect(problems).toMatchObject([{ path: "tls_certificate.private_key.inline_strin", suggestion: "inline_string" }]);
  });
});
