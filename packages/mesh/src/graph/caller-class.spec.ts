import { expect, test } from "vitest";
import { authorizationPolicy, egressScope, route, service, settings, workload } from "../../spec-support/documents.js";
import type { MeshDocument } from "../model/document.js";
import { isVisible } from "./caller-class.js";
import { MeshIndex } from "./mesh-index.js";

const caller = workload("a/web", { addresses: ["10.0.0.1"], node: "n1" }, { app: "web" });
const ports = [{ port: 80, protocol: "http" as const }];
const services = [service("a/own", { ports }), service("b/open", { ports }), service("b/kept", { ports })];

/** The services that the caller sees. */
function seen(...documents: MeshDocument[]): string[] {
  const index = new MeshIndex();
  for (const document of [caller, ...services, ...documents]) index.replace(undefined, document);
  return [...index.services.keys()].filter((name) => isVisible(name, caller, index));
}

const allow = (from: object) =>
  authorizationPolicy("b/allow", { services: ["kept"], action: "allow", rules: [{ from: [from] }] });

test("the services of its own namespace", () => {
  expect(seen()).toEqual(["a/own"]);
});

test("all, if the mesh says so", () => {
  expect(seen(settings({ scope: "all" }))).toEqual(["a/own", "b/open", "b/kept"]);
});

test("those whose policies let it in, by namespace, name or labels", () => {
  expect(seen(allow({ namespaces: ["a"] }))).toEqual(["a/own", "b/kept"]);
  expect(seen(allow({ workloads: ["a/web"] }))).toEqual(["a/own", "b/kept"]);
  expect(seen(allow({ labels: { app: "web" } }))).toEqual(["a/own", "b/kept"]);
  expect(seen(allow({ labels: { app: "other" } }))).toEqual(["a/own"]);
  expect(seen(allow({ namespaces: ["a"], labels: { app: "other" } }))).toEqual(["a/own"]);
});

test("those that only deny: else they could not", () => {
  const deny = authorizationPolicy("b/deny", {
    services: ["kept"],
    action: "deny",
    rules: [{ from: [{ namespaces: ["a"] }] }],
  });
  expect(seen(deny)).toEqual(["a/own", "b/kept"]);
});

test("those with routes for it", () => {
  const rules = [{}];
  expect(seen(route("b/r", { service: "open", from: [{ namespaces: ["a"] }], rules }))).toEqual(["a/own", "b/open"]);
  // A route for everybody shows nothing.
  expect(seen(route("b/r", { service: "open", rules }))).toEqual(["a/own"]);
});

test("what an EgressScope of its namespace names, instead or also", () => {
  expect(seen(egressScope("a/e", { services: ["b/open"] }))).toEqual(["b/open"]);
  expect(seen(egressScope("a/e", { services: ["b/*"] }), allow({ namespaces: ["a"] }))).toEqual(["b/open", "b/kept"]);
  expect(seen(egressScope("a/e", { also: ["b/open"] }))).toEqual(["a/own", "b/open"]);
  expect(seen(egressScope("a/e", { services: ["own"] }), egressScope("a/f", { services: ["b/open"] }))).toEqual([
    "a/own",
    "b/open",
  ]);
  expect(seen(egressScope("a/e", { services: ["*"] }))).toEqual(["a/own", "b/open", "b/kept"]);
  const others = { selector: { matchLabels: { app: "other" } } };
  expect(
    seen(egressScope("a/e", { ...others, services: ["b/open"] }), egressScope("b/e", { services: ["b/open"] })),
  ).toEqual(["a/own"]);
});
