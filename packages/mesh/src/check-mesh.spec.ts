import { expect, test } from "vitest";
import {
  authorizationPolicy,
  mesh,
  node,
  route,
  service,
  settings,
  trafficPolicy,
  workload,
} from "../spec-support/documents.js";
import { describeMeshProblem } from "./compile/problem.js";
import { checkMesh, compile } from "./compile-mesh.js";
import type { MeshDocument } from "./model/document.js";

const http = [{ port: 80, protocol: "http" as const }];
const base: MeshDocument[] = [
  settings({ enrol: [{}] }),
  node("n1", { addresses: ["10.0.0.1"] }),
  workload("web", { addresses: ["10.1.0.1"], node: "n1" }, { app: "web" }),
  workload("echo", { addresses: ["10.1.0.2"], node: "n1" }, { app: "echo" }),
  service("echo", { addresses: ["10.96.0.1"], selector: { app: "echo" }, ports: http }),
  service("other", { addresses: ["10.96.0.2"], selector: { app: "echo" }, ports: http }),
];

const lines = (...documents: MeshDocument[]) => checkMesh(mesh(...base, ...documents)).map(describeMeshProblem);

/** What a node's Envoy is shown, as versions by type and name. */
const shown = (...documents: MeshDocument[]) =>
  new Map(
    [...compile(mesh(...documents), { kind: "node", node: "n1" }).list()].map((one) => [
      `${one.type} ${one.name}`,
      one.version,
    ]),
  );

test("a mesh without mistakes has no problems", () => {
  expect(lines()).toEqual([]);
});

test.each([
  [
    "a backend that is not there",
    route("r", { service: "echo", rules: [{ backends: [{ service: "gone" }, { service: "other" }] }] }),
    "Route default/r at spec.rules[0].backends[0].service: there is no service default/gone with a port for HTTP",
  ],
  [
    "a mirror to a port that is not there",
    route("r", { service: "echo", rules: [{ mirror: { service: "other", port: 81 } }] }),
    "Route default/r at spec.rules[0].mirror.service: there is no service default/other with port 81 for HTTP",
  ],
  [
    "a prefix that cannot be rewritten",
    route("r", { service: "echo", rules: [{ matches: [{ path: { regex: "/a+" } }], rewrite: { prefix: "/b" } }] }),
    "Route default/r at spec.rules[0].rewrite.prefix: expected a match by prefix or exact path with it",
  ],
  [
    "a route of a service that is not there",
    route("r", { service: "gone", rules: [{}] }),
    "Route default/r at spec.service: there is no service default/gone",
  ],
  [
    "a traffic policy of a service that is not there",
    trafficPolicy("t", { service: "far/gone" }),
    "TrafficPolicy default/t at spec.service: there is no service far/gone",
  ],
  [
    "an authorisation policy of a service that is not there",
    authorizationPolicy("a", { services: ["gone"], action: "allow", rules: [] }),
    "AuthorizationPolicy default/a at spec.services[0]: there is no service default/gone",
  ],
  [
    "a workload on a node that is not there",
    workload("lost", { addresses: ["10.1.0.9"], node: "n9" }),
    "Workload default/lost at spec.node: there is no Node n9",
  ],
  [
    "an address that another workload has",
    workload("twin", { addresses: ["10.1.0.1"], node: "n1" }),
    "Workload default/twin at spec.addresses[0]: Workload default/web has the address 10.1.0.1 too: nobody can tell them apart",
  ],
  [
    "a virtual IP that another service has",
    service("thief", { addresses: ["10.96.0.1"], ports: http }),
    "Service default/thief at spec.addresses: 10.96.0.1:80 belongs to Service default/echo already; it is left out here",
  ],
])("%s is named, and left out; all else goes on", (_, document, problem) => {
  expect(lines(document)).toEqual([problem]);
  const before = shown(...base);
  const after = shown(...base, document);
  // The only thing that may be different is what the document is about.
  const about = document.kind === "Route" ? ["http/10.96.0.1:80"] : [];
  for (const [key, version] of before) {
    if (!about.some((name) => key.endsWith(` ${name}`)) && !key.includes("rxds.source."))
      expect([key, after.get(key)]).toEqual([key, version]);
  }
});

test("two traffic policies for one port: the first by name counts", () => {
  const first = trafficPolicy("a", { service: "echo", loadBalancing: { policy: "random" } });
  const second = trafficPolicy("b", { service: "echo", loadBalancing: { policy: "maglev" } });
  expect(lines(second, first)).toEqual([
    "TrafficPolicy default/b at spec.service: TrafficPolicy default/a is about port 80 of default/echo already; this one is left out",
  ]);
  expect(shown(...base, first, second)).toEqual(shown(...base, first));
  // One that names the port comes before one for all.
  const named = trafficPolicy("c", { service: "echo", ports: [80], loadBalancing: { policy: "maglev" } });
  expect(lines(first, named)).toEqual([]);
  expect(shown(...base, first, named)).toEqual(shown(...base, named));
});
