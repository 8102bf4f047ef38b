import { createMesh, type Mesh, type MeshDocument, meshPlane, parseDocuments } from "@rxds/mesh";
import { startEnvoy } from "@rxds/testkit";
import fc from "fast-check";
import { serveXds } from "rxds";
import { BehaviorSubject } from "rxjs";
import { expect, test } from "vitest";
import { documentsOf, type Known } from "./random-documents.js";

const base = parseDocuments(`
apiVersion: rxds.dev/v1alpha1
kind: Mesh
metadata: { name: mesh }
spec: { enrol: [{}], ports: { redirect: 29151 } }
---
apiVersion: rxds.dev/v1alpha1
kind: Node
metadata: { name: n1, labels: { topology.kubernetes.io/zone: a } }
spec: { addresses: [127.0.0.1] }
---
apiVersion: rxds.dev/v1alpha1
kind: Workload
metadata: { name: web, labels: { app: web } }
spec: { node: n1, addresses: [127.0.0.2] }
---
apiVersion: rxds.dev/v1alpha1
kind: Service
metadata: { name: one }
spec:
  addresses: [10.96.0.1]
  selector: { app: web }
  ports: [{ port: 80, protocol: http }, { port: 81, protocol: grpc }, { port: 82 }]
---
apiVersion: rxds.dev/v1alpha1
kind: Service
metadata: { name: two }
spec: { addresses: [10.96.0.2], selector: { app: web }, ports: [{ port: 80, protocol: http }, { port: 81, protocol: http }] }
`);

const service = fc.constantFrom("one", "two", "default/one");
const known: Known = {
  service,
  "services[]": service,
  port: fc.constantFrom(80, 81),
  "ports[]": fc.constantFrom(80, 81, 82),
  regex: fc.oneof(
    fc.constantFrom("a+", "/x(y|z)*", "[^a-c]?.*"),
    fc.constant({ pattern: "^/(a+)", substitution: "/\\\\1" }),
  ),
  pattern: fc.constantFrom("^/a", "b+(c)"),
  substitution: fc.constantFrom("", "/x"),
  methods: fc.subarray(["GET", "PUT", "M-SEARCH"], { minLength: 1 }),
};

test("whatever the parser takes, a real Envoy takes too", async () => {
  const kinds = (["Route", "TrafficPolicy", "AuthorizationPolicy"] as const).map((kind) => documentsOf(kind, known));
  const meshes = fc.sample(fc.array(fc.oneof(...kinds), { minLength: 3, maxLength: 8 }), {
    numRuns: process.env.RXDS_LONG ? 1000 : 40,
    seed: Number(process.env.FC_SEED ?? 20_260_701),
  });
  const mesh$ = new BehaviorSubject<Mesh>(createMesh(base));
  const plane = meshPlane(mesh$);
  await using server = await serveXds({ address: "127.0.0.1:0", ...plane });
  const rejected: unknown[] = [];
  server.events$.subscribe((event) => {
    if (event.kind === "rejected" || event.kind === "refused-snapshot") rejected.push(event);
  });
  const start = (id: string) => startEnvoy({ ads: server.address, node: { id, cluster: "mesh" } });
  await using _node = await start("node~n1");
  await server.converged(undefined, { clients: 1 });
  const seen = new Set<string>();
  for (const documents of meshes) {
    const unique = new Map(documents.map((document) => [`${document.kind} ${document.metadata.name}`, document]));
    const mesh = createMesh([...base, ...unique.values()] as MeshDocument[]);
    mesh$.next(mesh);
    await server.converged(undefined, { deadlineMs: 20_000 });
    expect(rejected, JSON.stringify([...unique.values()])).toEqual([]);
    for (const { kind } of unique.values()) seen.add(kind);
  }
  expect(seen.size).toBe(3);
  plane.close();
}, 120_000);
