import { describe, expect, test } from "vitest";
import { service, textOf, workload } from "../../spec-support/sample-documents.js";
import { API_VERSION, type MeshSettings } from "../model/document.js";
import { diffMesh } from "./diff-mesh.js";
import { createMesh, editMesh } from "./mesh.js";
import { parseDocuments } from "./parse-documents.js";

const settings = (name: string): MeshSettings => ({
  apiVersion: API_VERSION,
  kind: "Mesh",
  metadata: { name },
  spec: {},
});

describe("createMesh", () => {
  test("documents are found by key", () => {
    const mesh = createMesh([
      service("web"),
      { ...service("web"), metadata: { name: "web", namespace: "b" } },
      settings("m"),
    ]);
    expect([...mesh.documents.keys()]).toEqual(["Service default/web", "Service b/web", "Mesh m"]);
    expect(createMesh().documents.size).toBe(0);
  });

  test("checked documents are taken as they are, others are copied", () => {
    const [parsed] = parseDocuments(textOf(service("a")));
    const own = service("b");
    const mesh = createMesh([parsed!, own]);
    expect(mesh.documents.get("Service default/a")).toBe(parsed);
    own.spec.ports[0]!.port = 1;
    expect(mesh.documents.get("Service default/b")).toEqual(service("b"));
    expect(createMesh(mesh.documents.values()).documents.get("Service default/b")).toBe(
      mesh.documents.get("Service default/b"),
    );
  });

  test("others are checked", () => {
    expect(() => createMesh([service("a"), service("b", 0)])).toThrow(
      "Service default/b: spec.ports[0].port: expected",
    );
  });

  test("two documents with the same key are a problem that names both places", () => {
    const first = parseDocuments(textOf(service("web")), { file: "a.yaml" });
    const second = parseDocuments(textOf(service("api"), service("web")), { file: "b.yaml" });
    expect(() => createMesh([...first, ...second])).toThrow(
      /^b\.yaml:16:1: Service default\/web: this document is there twice: also in a\.yaml:1;/,
    );
  });

  test("the namespace default is the one of documents without namespace", () => {
    const named = { ...service("web"), metadata: { name: "web", namespace: "default" } };
    expect(() => createMesh([service("web"), named])).toThrow("there twice: also document 0 of what was given");
  });

  test("two documents of kind Mesh are a problem that names both", () => {
    const documents = ["a", "b"].flatMap((name) => parseDocuments(textOf(settings(name)), { file: `${name}.yaml` }));
    expect(() => createMesh(documents)).toThrow("b.yaml:1:1: Mesh b: there is a Mesh a already: in a.yaml:1;");
  });
});

describe("editMesh", () => {
  const mesh = createMesh([service("a"), service("b"), settings("m")]);

  test("documents are replaced in place, added and deleted; the others stay", () => {
    const next = editMesh(mesh, {
      set: [service("a", 81), service("c")],
      delete: ["Service default/b", "Service default/no"],
    });
    expect([...next.documents.values()]).toEqual([service("a", 81), settings("m"), service("c")]);
    expect(next.documents.get("Mesh m")).toBe(mesh.documents.get("Mesh m"));
    expect(mesh.documents.size).toBe(3);
  });

  test("an edit that changes nothing gives the same mesh", () => {
    expect(editMesh(mesh, {})).toBe(mesh);
    expect(editMesh(mesh, { set: [service("a")], delete: ["Service default/a", "Node x"] })).toBe(mesh);
  });

  test("one Mesh can take the place of another", () => {
    expect(() => editMesh(mesh, { set: [settings("n")] })).toThrow("there is a Mesh m already");
    expect(editMesh(mesh, { set: [settings("n")], delete: ["Mesh m"] }).documents.has("Mesh n")).toBe(true);
  });
});

describe("diffMesh", () => {
  test("what was added, changed and removed", () => {
    const a = createMesh([service("same"), service("changed"), service("removed")]);
    const b = editMesh(a, { set: [service("changed", 1), workload("added")], delete: ["Service default/removed"] });
    expect(diffMesh(a, b)).toEqual({
      added: [workload("added")],
      changed: [{ before: service("changed"), after: service("changed", 1) }],
      removed: [service("removed")],
    });
  });

  test("documents that are equal are no difference, whatever the order of their fields", () => {
    const { apiVersion, kind, metadata, spec } = service("a");
    expect(diffMesh(createMesh([service("a")]), createMesh([{ spec, metadata, kind, apiVersion }]))).toEqual({
      added: [],
      changed: [],
      removed: [],
    });
  });
});
