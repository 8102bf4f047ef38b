import type { MeshDocument, Service, Workload } from "../src/model/document.js";
import { API_VERSION } from "../src/model/document.js";

/** A service with one port. */
export function service(name: string, port = 80): Service {
  return { apiVersion: API_VERSION, kind: "Service", metadata: { name }, spec: { ports: [{ port }] } };
}

/** A workload on the node `a`. */
export function workload(name: string, address = "10.0.0.1"): Workload {
  return { apiVersion: API_VERSION, kind: "Workload", metadata: { name }, spec: { addresses: [address], node: "a" } };
}

/** Documents as a text of YAML; JSON is YAML. */
export function textOf(...documents: readonly MeshDocument[]): string {
  return documents.map((document) => `${JSON.stringify(document, undefined, 2)}\n`).join("---\n");
}

const head = (kind: string, name = "a") => ({ apiVersion: API_VERSION, kind, metadata: { name } });
const route = (rule: object) => ({ ...head("Route"), spec: { service: "web", rules: [rule] } });
const policy = (spec: object) => ({ ...head("TrafficPolicy"), spec: { service: "web", ...spec } });
const match = (value: object) => route({ matches: [value] });

/** Values that are documents. */
export const good: readonly [what: string, value: unknown][] = [
  ["an empty Mesh", { ...head("Mesh"), spec: {} }],
  [
    "a Mesh with everything",
    {
      ...head("Mesh"),
      spec: {
        topology: "sidecar",
        enrol: [{ namespaces: ["a"], selector: { matchLabels: { "x.y/z": "1" } } }],
        scope: "all",
        ports: { redirect: 1, inbound: 65_535, udp: { from: 1, to: 2 } },
        accessLog: { path: "/dev/stdout" },
        defaults: { connectTimeout: "250ms", timeout: "0s" },
      },
    },
  ],
  ["a Node", { ...head("Node"), spec: { addresses: ["10.0.0.1", "fd00::1"] } }],
  [
    "a Service",
    { ...head("Service"), spec: { addresses: ["10.1.0.1"], selector: {}, ports: [{ port: 80, protocol: "grpc" }] } },
  ],
  ["a Workload", { ...head("Workload"), spec: { addresses: ["::1"], node: "n", ready: false, cgroup: "/x" } }],
  [
    "a namespace and annotations",
    {
      ...head("Workload"),
      metadata: { name: "a", namespace: "b", annotations: { "?": "!" } },
      spec: { addresses: ["::1"], node: "n" },
    },
  ],
  [
    "a Route by path",
    match({ path: { regex: "/a(?i)b" }, methods: ["GET"], headers: { a: "b", c: { present: true } } }),
  ],
  ["a Route that redirects", route({ redirect: { scheme: "https", status: 301 } })],
  [
    "a Route with weights",
    route({
      backends: [
        { service: "x/y", weight: 0 },
        { service: "z", port: 1 },
      ],
      mirror: { service: "m", percent: 0.5 },
    }),
  ],
  [
    "a Route with the rest",
    route({
      timeout: "1.5s",
      retries: { attempts: 10, on: ["5xx"], backoff: { base: "1ms" } },
      requestHeaders: { set: { a: "b" }, remove: ["c"] },
      fault: { abort: { status: 503 } },
    }),
  ],
  ["hosts in capital letters", { ...head("Route"), spec: { service: "web", hosts: ["*.Example.com"], rules: [{}] } }],
  ["a TrafficPolicy by cookie", policy({ loadBalancing: { policy: "maglev", hash: { cookie: "c", ttl: "1h" } } })],
  [
    "a TrafficPolicy with localities",
    policy({ localities: [{ region: "r", priority: 15 }, { weight: 1 }], healthCheck: {} }),
  ],
  [
    "an AuthorizationPolicy",
    {
      ...head("AuthorizationPolicy"),
      spec: {
        action: "allow",
        rules: [{ from: [{ workloads: ["a/b"] }], to: [{ paths: ["/a", "/b/*"], ports: [1] }] }],
      },
    },
  ],
  ["an EgressScope", { ...head("EgressScope"), spec: { services: ["*", "a/*", "b", "c/d"], also: ["e"] } }],
];

/** Values that are none, and what is wrong. */
export const bad: readonly [what: string, value: unknown, code: string, path: string][] = [
  ["no map", [], "not-a-document", ""],
  ["another version", { ...head("Mesh"), apiVersion: "v1", spec: {} }, "unknown-version", "apiVersion"],
  ["an unknown kind", { ...head("Mash"), spec: {} }, "unknown-kind", "kind"],
  ["no kind", { apiVersion: API_VERSION, metadata: { name: "a" }, spec: {} }, "missing-field", "kind"],
  ["no spec", head("Mesh"), "missing-field", "spec"],
  ["no name", { ...head("Mesh"), metadata: {}, spec: {} }, "missing-field", "metadata.name"],
  ["a name in capitals", { ...head("Mesh", "A"), spec: {} }, "invalid-value", "metadata.name"],
  [
    "a Node with a namespace",
    { ...head("Node"), metadata: { name: "a", namespace: "b" }, spec: { addresses: ["::1"] } },
    "unknown-field",
    "metadata.namespace",
  ],
  ["a field too many", { ...head("Mesh"), spec: {}, status: {} }, "unknown-field", "status"],
  [
    "an address that is none",
    { ...head("Node"), spec: { addresses: ["10.0.0.256"] } },
    "invalid-value",
    "spec.addresses[0]",
  ],
  ["no addresses", { ...head("Node"), spec: { addresses: [] } }, "invalid-value", "spec.addresses"],
  ["a port as a text", { ...head("Service"), spec: { ports: [{ port: "80" }] } }, "wrong-type", "spec.ports[0].port"],
  [
    "a port past the last",
    { ...head("Service"), spec: { ports: [{ port: 65_536 }] } },
    "invalid-value",
    "spec.ports[0].port",
  ],
  ["a port in parts", { ...head("Service"), spec: { ports: [{ port: 1.5 }] } }, "invalid-value", "spec.ports[0].port"],
  [
    "a protocol that is none",
    { ...head("Service"), spec: { ports: [{ port: 1, protocol: "sctp" }] } },
    "invalid-value",
    "spec.ports[0].protocol",
  ],
  [
    "a label's name",
    { ...head("Mesh"), metadata: { name: "a", labels: { "!": "a" } }, spec: {} },
    "invalid-value",
    'metadata.labels["!"]',
  ],
  ["a path without /", match({ path: { prefix: "a" } }), "invalid-value", "spec.rules[0].matches[0].path.prefix"],
  ["a path in no form", match({ path: "/" }), "wrong-type", "spec.rules[0].matches[0].path"],
  ["a path in two forms", match({ path: { prefix: "/", exact: "/" } }), "conflict", "spec.rules[0].matches[0].path"],
  ["a path in an empty form", match({ path: {} }), "invalid-value", "spec.rules[0].matches[0].path"],
  ["a misspelt form", match({ path: { prefx: "/" } }), "unknown-field", "spec.rules[0].matches[0].path.prefx"],
  [
    "a header's form",
    match({ headers: { a: { present: 1 } } }),
    "wrong-type",
    "spec.rules[0].matches[0].headers.a.present",
  ],
  ["a header's name", match({ headers: { "a b": "c" } }), "invalid-value", 'spec.rules[0].matches[0].headers["a b"]'],
  ["a duration in words", route({ timeout: "5 sec" }), "invalid-value", "spec.rules[0].timeout"],
  ["a duration as a number", route({ timeout: 5 }), "wrong-type", "spec.rules[0].timeout"],
  [
    "a status that is no redirect",
    route({ redirect: { status: 300 } }),
    "invalid-value",
    "spec.rules[0].redirect.status",
  ],
  ["a status as a text", route({ redirect: { status: "302" } }), "wrong-type", "spec.rules[0].redirect.status"],
  [
    "backends beside a redirect",
    route({ redirect: {}, backends: [{ service: "a" }] }),
    "conflict",
    "spec.rules[0].redirect",
  ],
  [
    "a header's value",
    route({ requestHeaders: { set: { a: "%b" } } }),
    "invalid-value",
    "spec.rules[0].requestHeaders.set.a",
  ],
  [
    "a misspelt field that must be there",
    { ...head("Route"), spec: { servce: "web", rules: [{}] } },
    "unknown-field",
    "spec.servce",
  ],
  [
    "a path that is no pattern",
    { ...head("AuthorizationPolicy"), spec: { action: "deny", rules: [{ to: [{ paths: ["a"] }] }] } },
    "invalid-value",
    "spec.rules[0].to[0].paths[0]",
  ],
  [
    "a cookie beside a header",
    policy({ loadBalancing: { hash: { cookie: "c", ttl: "1s", header: "h" } } }),
    "unknown-field",
    "spec.loadBalancing.hash.header",
  ],
  ["null for nothing", { ...head("Mesh"), spec: { ports: null } }, "wrong-type", "spec.ports"],
];

/** Values that are none, which JSON Schema cannot know. */
export const badBeyondSchema: typeof bad = [
  [
    "a regular expression that RE2 has not",
    match({ path: { regex: "(?=a)" } }),
    "invalid-value",
    "spec.rules[0].matches[0].path.regex",
  ],
  [
    "a header's regular expression",
    match({ headers: { a: { regex: "(" } } }),
    "invalid-value",
    "spec.rules[0].matches[0].headers.a.regex",
  ],
];
