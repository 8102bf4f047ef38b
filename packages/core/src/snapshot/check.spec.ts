import { create } from "@bufbuild/protobuf";
import { ClusterLoadAssignmentSchema } from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint";
import { describe, expect, test } from "vitest";
import { edsCluster, endpoints, httpListener, routes } from "../builders/index.js";
import { createOpaqueResource } from "../resource/create-resource.js";
import { createStore } from "../store/store.js";
import { typeUrls } from "../types/type-urls.js";
import { check } from "./check.js";
import { describeProblem, InvalidSnapshotError } from "./problem.js";
import { createSnapshot, edit } from "./snapshot.js";

const whole = [
  edsCluster({ name: "echo" }),
  endpoints("echo", ["127.0.0.1:80"]),
  httpListener({ name: "ingress", port: 10000, routeConfig: "main" }),
  routes("main", { "/": "echo" }),
];

/** An endpoint that the builder would not make. */
const badEndpoint = (address: string, portValue: number) =>
  create(ClusterLoadAssignmentSchema, {
    clusterName: "echo",
    endpoints: [
      {
        lbEndpoints: [
          {
            hostIdentifier: {
              case: "endpoint",
              value: {
                address: {
                  address: {
                    case: "socketAddress",
                    value: { address, portSpecifier: { case: "portValue", value: portValue } },
                  },
                },
              },
            },
          },
        ],
      },
    ],
  });

describe("the check of a snapshot", () => {
  test("finds nothing wrong with a whole configuration", () => {
    expect(check(createSnapshot(whole))).toEqual([]);
    expect(check(createSnapshot(whole), { references: "strict" })).toEqual([]);
  });

  test("finds duplicate names", () => {
    const problems = check(createSnapshot([...whole, edsCluster({ name: "echo", connectTimeoutMs: 1 })]));
    expect(problems).toMatchObject([
      { severity: "error", code: "duplicate-name", type: typeUrls.cluster, name: "echo" },
    ]);
  });

  test("finds illegal addresses and ports, with their paths", () => {
    const problems = check(createSnapshot([edsCluster({ name: "echo" }), badEndpoint("no.ip.here", 70_000)]));
    expect(problems.map(({ severity, path }) => `${severity} ${path}`)).toEqual([
      "error endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address",
      "error endpoints[0].lb_endpoints[0].endpoint.address.socket_address.port_value",
    ]);
    expect(describeProblem(problems[1]!)).toBe(
      'ClusterLoadAssignment "echo" at endpoints[0].lb_endpoints[0].endpoint.address.socket_address.port_value: ' +
        "port 70000 is out of range, expected 0 to 65535",
    );
  });

  test("finds bytes that are not what their type URL says", () => {
    const garbage = createOpaqueResource({ typeUrl: typeUrls.cluster, value: new Uint8Array([0xff]) }, "c");
    expect(check(createSnapshot([garbage]))).toMatchObject([
      { severity: "error", code: "invalid-resource", name: "c" },
    ]);
  });

  test("warns of references that lead nowhere, with the path of each", () => {
    const problems = check(createSnapshot(whole.slice(2)));
    expect(problems).toMatchObject([
      { severity: "warning", code: "dangling-reference", type: typeUrls.routes, name: "main" },
    ]);
    expect(problems[0]?.path).toBe("virtual_hosts[0].routes[0].route.cluster");
  });

  test("can make such references errors, leave out names that live elsewhere, or all", () => {
    const snapshot = createSnapshot(whole.slice(2));
    expect(check(snapshot, { references: "strict" })[0]?.severity).toBe("error");
    expect(check(snapshot, { references: "strict", external: { [typeUrls.cluster]: ["echo"] } })).toEqual([]);
    expect(check(snapshot, { references: "ignore" })).toEqual([]);
  });
});

describe("a store", () => {
  test("refuses an invalid snapshot as a whole, and keeps the last good one", () => {
    const store = createStore();
    const good = createSnapshot(whole);
    store.replace(good);
    const bad = edit(good, (draft) => draft.set(badEndpoint("1.2.3.4", 70_000), edsCluster({ name: "new" })));
    expect(() => store.replace(bad)).toThrow(InvalidSnapshotError);
    expect(store.seq).toBe(1);
    expect(store.get(typeUrls.cluster, "new")).toBeUndefined();
    const fixed = edit(bad, (draft) => draft.set(endpoints("echo", ["1.2.3.4:80"])));
    expect(
      store
        .replace(fixed)
        .diff.upserts.map(({ name }) => name)
        .sort(),
    ).toEqual(["echo", "new"]);
  });

  test("warns once, when a reference begins to lead nowhere, also by a removal", () => {
    const store = createStore();
    const first = createSnapshot(whole);
    expect(store.replace(first).warnings).toEqual([]);
    const second = edit(first, (draft) => void draft.delete(typeUrls.cluster, "echo"));
    expect(store.replace(second).warnings).toMatchObject([{ type: typeUrls.routes, name: "main" }]);
    const third = edit(second, (draft) => draft.set(routes("other", { "/": { directResponse: { status: 200 } } })));
    expect(store.replace(third).warnings).toEqual([]);
  });
});
