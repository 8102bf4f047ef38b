import { describe, expect, test } from "vitest";
import { blamedWords } from "./blame.js";

const blamed = (message: string, ...held: string[]) => held.filter((name) => blamedWords(message).has(name));

describe("a rejection blames", () => {
  test("every cluster or listener that Envoy could not create, and no word of its phrase", () => {
    const message =
      "Error adding/updating cluster(s) bad1: cannot create an EDS cluster without an EDS config, bad2: malformed IP address";
    expect(blamed(message, "bad1", "bad2", "cluster", "s", "EDS", "Error", "good")).toEqual(["bad1", "bad2"]);
    const one = "Error adding/updating listener(s) edge.example:443: no filter chains specified";
    expect(blamed(one, "listener", "edge.example:443")).toEqual(["edge.example:443"]);
  });

  test("a name that a delta response holds twice, and not the words around it", () => {
    const message = "duplicate name a found among added/updated resources";
    expect(blamed(message, "a", "name", "found", "resources")).toEqual(["a"]);
  });

  test("the resource that a dump begins with", () => {
    const message =
      'Proto constraint validation failed (ClusterValidationError.ConnectTimeout: …): name: "a"\ntype: EDS';
    expect(blamed(message, "a", "b")).toEqual(["a"]);
  });

  test("the resource that a dump begins with, and nobody whose name stands further down in it", () => {
    const message =
      'goo.gle/debugonly \nname: "web"\nvirtual_hosts {\n  name: "mail"\n}\n: Proto constraint validation failed (…)';
    expect(blamed(message, "mail", "web")).toEqual(["web"]);
    const endpoints = 'cluster_name: "web"\nendpoints {\n}\n: Proto constraint validation failed (…)';
    expect(blamed(endpoints, "mail", "web", "endpoints")).toEqual(["web"]);
  });

  test("no route configuration that is called as a word of Envoy's phrase", () => {
    expect(blamed("Only a single wildcard domain is permitted in route e", "a", "e", "wildcard")).toEqual(["e"]);
  });

  test("a route configuration at the end of a sentence", () => {
    const message = "Only unique values for domains are permitted. Duplicate entry of domain a.local in route r1.";
    expect(blamed(message, "r1", "r2")).toEqual(["r1"]);
  });

  test("nobody when nothing is named", () => {
    expect(blamed("malformed IP address: bad.1", "a", "b")).toEqual([]);
  });
});
