import fc from "fast-check";
import type { DocumentChange } from "../src/graph/compiler.js";
import type { MeshProxy } from "../src/graph/proxy.js";
import { documentKey, type MeshDocument } from "../src/model/document.js";
import {
  authorizationPolicy,
  egressScope,
  node,
  route,
  service,
  settings,
  trafficPolicy,
  workload,
} from "./documents.js";

/** The nodes of random meshes. */
export const NODES = ["n1", "n2"] as const;

/** Proxies that random meshes may know. */
export const PROXIES: readonly MeshProxy[] = [
  { kind: "node", node: "n1" },
  { kind: "node", node: "n2" },
  { kind: "sidecar", workload: "a/w1" },
  { kind: "sidecar", workload: "b/w2" },
];

const of = <T>(...values: T[]) => fc.constantFrom(...values);
const namespaces = ["a", "b"] as const;
const serviceNames = namespaces.flatMap((namespace) => ["s1", "s2", "s3"].map((name) => `${namespace}/${name}`));
const sources = of(
  [{ namespaces: ["a"] }],
  [{ labels: { app: "x" } }],
  [{ workloads: ["b/w2"] }, { labels: { app: "y" }, namespaces: ["b"] }],
);

const anyDocument: fc.Arbitrary<MeshDocument> = fc.oneof(
  fc
    .record({
      topology: of("sidecar" as const, "node" as const),
      scope: of("all" as const, "inferred" as const),
      enrol: of([], [{ namespaces: ["a"] }], [{ selector: { matchLabels: { app: "x" } } }], [{}]),
    })
    .map((spec) => settings(spec)),
  fc
    .tuple(of("n1", "n2"), of(["10.0.0.1"], ["10.0.0.2", "fd00::2"]), of("z1", "z2"))
    .map(([name, addresses, zone]) => node(name, { addresses }, { "topology.kubernetes.io/zone": zone })),
  fc
    .tuple(
      of(...serviceNames),
      of([], ["10.96.0.1"], ["10.96.0.2", "fd00:96::2"]),
      of({ app: "x" }, { app: "y" }, { app: "x", tier: "t" }),
      of("http" as const, "grpc" as const, "tcp" as const, "udp" as const),
    )
    .map(([name, addresses, selector, protocol]) =>
      service(name, {
        addresses,
        selector,
        ports: [
          { port: 80, protocol },
          { port: 81, targetPort: 8081, protocol: "http" },
        ],
      }),
    ),
  fc
    .tuple(
      of("a/w1", "a/w2", "b/w1", "b/w2", "b/w3"),
      of(["10.1.0.1"], ["10.1.0.2", "fd00:1::2"]),
      of("n1", "n2"),
      of({ app: "x" }, { app: "y" }, { app: "x", tier: "t" }, { app: "y", "rxds.dev/topology": "sidecar" }),
      fc.boolean(),
    )
    .map(([name, addresses, on, labels, ready]) => workload(name, { addresses, node: on, ready }, labels)),
  fc
    .tuple(of("a/r1", "b/r2"), of(...serviceNames), of(...serviceNames), fc.option(sources, { nil: undefined }))
    .map(([name, target, backend, from]) =>
      route(name, {
        service: target,
        ...(from === undefined ? {} : { from }),
        rules: [{ matches: [{ path: { prefix: "/x" } }], backends: [{ service: backend }] }],
      }),
    ),
  fc
    .tuple(of("a/t1", "b/t2"), of(...serviceNames), of("ringHash" as const, "random" as const))
    .map(([name, target, policy]) =>
      trafficPolicy(name, {
        service: target,
        loadBalancing: { policy },
        localities: [{ zone: "z1" }, { zone: "z2", priority: 1 }],
      }),
    ),
  fc
    .tuple(
      of("a/p1", "b/p2"),
      fc.option(fc.subarray(serviceNames, { minLength: 1 }), { nil: undefined }),
      of("allow" as const, "deny" as const),
      fc.option(sources, { nil: undefined }),
    )
    .map(([name, services, action, from]) =>
      authorizationPolicy(name, {
        ...(services === undefined ? {} : { services }),
        action,
        rules: [from === undefined ? {} : { from }],
      }),
    ),
  of(
    egressScope("a/e1", { services: ["a/s1", "b/*"] }),
    egressScope("a/e1", { also: ["b/s2"] }),
    egressScope("b/e2", { selector: { matchLabels: { app: "x" } }, services: ["s1"] }),
  ),
);

/** Random changes of a mesh, a few documents at a time; each is put or taken away. */
export const steps = fc.array(fc.array(fc.tuple(anyDocument, fc.boolean()), { minLength: 1, maxLength: 4 }), {
  maxLength: 12,
});

/** Makes one step, and returns what it changed. */
export function changedDocuments(
  documents: Map<string, MeshDocument>,
  step: readonly (readonly [MeshDocument, boolean])[],
): DocumentChange[] {
  const before = new Map(documents);
  for (const [document, removed] of step) {
    if (removed) documents.delete(documentKey(document));
    else documents.set(documentKey(document), document);
  }
  return [...new Set([...before.keys(), ...documents.keys()])]
    .map((key) => ({ before: before.get(key), after: documents.get(key) }))
    .filter((change) => change.before !== change.after);
}
