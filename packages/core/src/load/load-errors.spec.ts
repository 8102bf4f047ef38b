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

describe("fields and values", () => {
  test.each<[string, string, Partial<LoadProblem>]>([
    [
      "an unknown field",
      "connect_timeot: 5s",
      {
        code: "unknown-field",
        path: "connect_timeot",
        line: 3,
        column: 1,
        message: 'unknown field "connect_timeot" of envoy.config.cluster.v3.Cluster',
        suggestion: "connect_timeout",
      },
    ],
    ["an unknown field like none", "nosuch: 1", { code: "unknown-field", suggestion: undefined }],
    ["a known field in other spelling", "ConnectTimeout: 5s", { code: "unknown-field", suggestion: "connect_timeout" }],
    [
      "an unknown enum value",
      "lb_policy: round_robin",
      {
        code: "unknown-enum-value",
        path: "lb_policy",
        line: 3,
        column: 12,
        message: expect.stringMatching(
          /^unknown value "round_robin" of envoy.config.cluster.v3.Cluster.LbPolicy, expected one of ROUND_ROBIN, /,
        ),
        suggestion: "ROUND_ROBIN",
      },
    ],
    ["a fraction for an enum", "lb_policy: 1.5", { code: "wrong-type", path: "lb_policy" }],
    ["a list for an enum", "lb_policy: []", { code: "wrong-type", path: "lb_policy" }],
    [
      "a number for a text",
      "alt_stat_name: 1.20",
      { code: "wrong-type", message: "expected a text in quotes, got a number" },
    ],
    [
      "a text for a number",
      "max_requests_per_connection: many",
      { code: "wrong-type", message: "expected a whole number from 0 to 4294967295, got a text" },
    ],
    ["a hexadecimal text for a number", 'max_requests_per_connection: "0x10"', { code: "wrong-type" }],
    ["a fraction for a whole number", "max_requests_per_connection: 1.5", { code: "wrong-type" }],
    [
      "a negative number",
      "max_requests_per_connection: -1",
      { code: "out-of-range", message: "expected a whole number from 0 to 4294967295, got -1" },
    ],
    [
      "a number past 64 bits",
      "ring_hash_lb_config: { minimum_ring_size: 18446744073709551616 }",
      { code: "out-of-range" },
    ],
    ["yes for true", "respect_dns_ttl: yes", { code: "wrong-type", message: "expected true or false, got a text" }],
    ["1 for true", "wait_for_warm_on_init: 1", { code: "wrong-type", message: "expected true or false, got a number" }],
    [
      "a text for a message",
      "load_assignment: x",
      {
        code: "wrong-type",
        message: "expected a map with fields of envoy.config.endpoint.v3.ClusterLoadAssignment, got a text",
      },
    ],
    ["a map for a list", "health_checks: {}", { code: "wrong-type", message: "expected a list, got a map" }],
    ["null in a list", "health_checks: [~]", { code: "wrong-type", path: "health_checks[0]" }],
    [
      "a list for a map",
      "typed_extension_protocol_options: []",
      { code: "wrong-type", message: "expected a map, got a list" },
    ],
    [
      "null in a map",
      "typed_extension_protocol_options: { a.b: ~ }",
      { code: "wrong-type", path: 'typed_extension_protocol_options["a.b"]' },
    ],
    [
      "half a surrogate pair",
      'alt_stat_name: "\\ud800"',
      { code: "wrong-type", message: expect.stringContaining("Unicode") },
    ],
    [
      "milliseconds",
      "connect_timeout: 250ms",
      {
        code: "wrong-type",
        path: "connect_timeout",
        message: 'expected seconds such as "0.25s" or "300s", got "250ms"',
        suggestion: "0.25s",
      },
    ],
    ["a duration without unit", "connect_timeout: 5", { code: "wrong-type", suggestion: "5s" }],
    ["a duration that goes on", "connect_timeout: 5s later", { code: "wrong-type", suggestion: undefined }],
    ["too many digits of a second", "connect_timeout: 0.1234567891s", { code: "wrong-type" }],
    ["a duration past the limit", "connect_timeout: 315576000001s", { code: "out-of-range" }],
    [
      "a number past double",
      "common_lb_config: { healthy_panic_threshold: { value: 1e400 } }",
      { code: "out-of-range", path: "common_lb_config.healthy_panic_threshold.value" },
    ],
    [
      "infinity in free-form JSON",
      "metadata: { filter_metadata: { a: { b: [.inf] } } }",
      { code: "wrong-type", path: "metadata.filter_metadata.a.b[0]" },
    ],
    [
      "no map as metadata",
      "metadata: { filter_metadata: { a: 1 } }",
      { code: "wrong-type", path: "metadata.filter_metadata.a" },
    ],
    [
      "a field under both its names",
      "lb_policy: RANDOM\nlbPolicy: RANDOM",
      { code: "field-conflict", line: 4, path: "lbPolicy", message: 'the same field as "lb_policy"' },
    ],
    [
      "two members of a oneof",
      "type: EDS\ncluster_type: { name: x }",
      { code: "field-conflict", line: 4, path: "cluster_type", message: 'only one of this and "type" can be given' },
    ],
    [
      "@type inside a message",
      'load_assignment: { "@type": x }',
      { code: "unknown-field", path: 'load_assignment["@type"]' },
    ],
  ])("%s is refused", (_, lines, expected) => {
    expect(problemOf(lines)).toMatchObject(expected);
  });

  test.each<[string, string, Partial<LoadProblem>]>([
    ["no @type", "{ name: x }", { code: "wrong-type", message: expect.stringContaining('got a map without "@type"') }],
    ["no map", "x", { code: "wrong-type", message: expect.stringContaining("got a text") }],
    ["@type that is no text", '{ "@type": 1 }', { code: "wrong-type", path: 'transport_socket.typed_config["@type"]' }],
    [
      "a misspelt type",
      '{ "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContent }',
      {
        code: "unknown-type",
        path: 'transport_socket.typed_config["@type"]',
        suggestion: "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
      },
    ],
    [
      "a type of another version",
      '{ "@type": type.googleapis.com/envoy.api.v2.auth.UpstreamTlsContext }',
      { code: "unknown-type", suggestion: undefined },
    ],
    [
      "a type URL of another kind",
      '{ "@type": example.com/envoy.config.cluster.v3.Cluster }',
      { code: "unknown-type", suggestion: "type.googleapis.com/envoy.config.cluster.v3.Cluster" },
    ],
    [
      "an unknown field inside",
      '{ "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, common_tls_context: { alpn: [] } }',
      { code: "unknown-field", path: "transport_socket.typed_config.common_tls_context.alpn", line: 4 },
    ],
    [
      "a well-known type without value",
      '{ "@type": type.googleapis.com/google.protobuf.Duration }',
      { code: "wrong-type" },
    ],
    [
      "a well-known type with more than its value",
      '{ "@type": type.googleapis.com/google.protobuf.Duration, value: 1s, other: 1 }',
      { code: "unknown-field", path: "transport_socket.typed_config.other" },
    ],
  ])("an Any with %s is refused", (_, any, expected) => {
    expect(problemOf(`transport_socket:\n  typed_config: ${any}`)).toMatchObject(expected);
  });

  test("every mistake of every document is told at once, in the order of the file", () => {
    const text = `${cluster}lb_policy: NOPE\nnosuch: 1\n---\n- ${JSON.stringify({ "@type": "nope" })}\n- x\n---\n${cluster}type: 1.5\n`;
    expect(
      problemsOf(text, { file: "envoy.yaml" }).map(({ code, document, line, path }) => [code, document, line, path]),
    ).toEqual([
      ["unknown-enum-value", 0, 3, "lb_policy"],
      ["unknown-field", 0, 4, "nosuch"],
      ["unknown-type", 1, 6, '[0]["@type"]'],
      ["wrong-type", 1, 7, "[1]"],
      ["wrong-type", 2, 11, "type"],
    ]);
  });

  test("the message of the error begins with file, line, column and path", () => {
    const text = `${cluster}lb_policy: RANDOMM\n`;
    expect(() => load(text, { file: "envoy.yaml" })).toThrow(
      /^envoy\.yaml:3:12: lb_policy: unknown value "RANDOMM" of .*; did you mean "RANDOM"\?$/,
    );
    expect(() => load(text)).toThrow(/^3:12: lb_policy: /);
  });

  test("no more than a hundred mistakes are told", () => {
    const text = cluster + Array.from({ length: 1000 }, (_, i) => `nosuch${i}: 1`).join("\n");
    expect(problemsOf(text)).toHaveLength(100);
    expect(() => load(text)).toThrow(/and 95 more$/);
  });

  test("a mistake that an alias or a merge key brings is shown where it is written", () => {
    const text = `- &a\n  "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster\n  lb_policy: NOPE\n- <<: *a\n  name: b\n- *a\n`;
    expect(problemsOf(text).map(({ path, line, column }) => [path, line, column])).toEqual([
      ["[0].lb_policy", 3, 14],
      ["[1].lb_policy", 3, 14],
      ["[2].lb_policy", 3, 14],
    ]);
  });
});

describe("documents", () => {
  test.each<[string, string, Partial<LoadProblem>]>([
    ["a text", "hello", { code: "unexpected-shape", path: "" }],
    ["null in words", "null", { code: "unexpected-shape" }],
    ["a map without @type", "name: a", { code: "unexpected-shape" }],
    [
      "a message that is no resource",
      '"@type": type.googleapis.com/envoy.config.core.v3.Node',
      { code: "not-a-resource", path: '["@type"]', message: expect.stringContaining("registerResourceType") },
    ],
    ["resources that are no list", "resources: {}", { code: "wrong-type", path: "resources" }],
    ["a nonce in a file", "resources: []\nnonce: a", { code: "unknown-field", path: "nonce" }],
    ["a version that is no text", "resources: []\nversion_info: 7", { code: "wrong-type", path: "version_info" }],
    [
      "a resource of another type than the file's",
      'type_url: type.googleapis.com/envoy.config.listener.v3.Listener\nresources: [{ "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster }]',
      { code: "wrong-type", path: 'resources[0]["@type"]' },
    ],
    [
      "the rest of a bootstrap",
      "static_resources: {}\nadmin: {}",
      { code: "unexpected-shape", path: "admin", line: 2, message: expect.stringContaining("ignoreBootstrap") },
    ],
    ["dynamic resources", "dynamicResources: {}", { code: "unexpected-shape", path: "dynamicResources" }],
    [
      "an unknown field of a bootstrap",
      "static_resources: {}\nadmim: {}",
      { code: "unknown-field", path: "admim", suggestion: "admin" },
    ],
    [
      "an unknown kind of static resource",
      "static_resources: { cluster: [] }",
      { code: "unknown-field", path: "static_resources.cluster", suggestion: "clusters" },
    ],
    [
      "static resources that are no list",
      "static_resources: { clusters: {} }",
      { code: "wrong-type", path: "static_resources.clusters" },
    ],
    [
      "a mistake in a static resource",
      "static_resources:\n  clusters:\n  - name: a\n  - lb_policy: X",
      { code: "unknown-enum-value", path: "static_resources.clusters[1].lb_policy", line: 4 },
    ],
  ])("%s is refused", (_, text, expected) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject(expected);
  });

  test("an unknown field of a bootstrap is refused even when the rest is passed over", () => {
    expect(problemsOf("static_resources: {}\nadmim: {}", { ignoreBootstrap: true })).toMatchObject([{ path: "admim" }]);
    expect(problemsOf("static_resources: {}\nadmin: {}\nnode: {}", { ignoreBootstrap: ["node"] })).toMatchObject([
      { path: "admin" },
    ]);
  });
});
