import { toJson } from "@bufbuild/protobuf";
import { ClusterLoadAssignmentSchema } from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint";
import { describe, expect, test } from "vitest";
import { type EndpointsSpec, endpoints } from "./endpoints.js";

function json(hosts: EndpointsSpec) {
  return toJson(ClusterLoadAssignmentSchema, endpoints("echo", hosts));
}

function host(address: string, portValue: number) {
  return { endpoint: { address: { socketAddress: { address, portValue } } } };
}

describe("endpoints", () => {
  test("makes one group of endpoints on their own", () => {
    expect(json(["127.0.0.1:9001", { address: "[::1]:9002" }])).toEqual({
      clusterName: "echo",
      endpoints: [{ lbEndpoints: [host("127.0.0.1", 9001), host("::1", 9002)] }],
    });
  });

  test("an empty list is an assignment without endpoints", () => {
    expect(json([])).toEqual({ clusterName: "echo" });
  });

  test("takes weight, health, host name and metadata", () => {
    const metadata = { "envoy.lb": { version: "v1" } };
    const hosts = [{ address: "10.0.0.1:80", weight: 3, health: "DRAINING", hostname: "a.example", metadata }] as const;
    const socketAddress = { address: "10.0.0.1", portValue: 80 };
    expect(json(hosts)).toEqual({
      clusterName: "echo",
      endpoints: [
        {
          lbEndpoints: [
            {
              endpoint: { address: { socketAddress }, hostname: "a.example" },
              healthStatus: "DRAINING",
              loadBalancingWeight: 3,
              metadata: { filterMetadata: metadata },
            },
          ],
        },
      ],
    });
  });

  test("keeps groups by locality and priority, after the endpoints on their own", () => {
    const hosts = [
      { locality: { zone: "a" }, weight: 2, endpoints: ["10.0.0.1:80"] },
      { priority: 1, endpoints: ["10.0.0.2:80"] },
      "10.0.0.3:80",
    ];
    expect(json(hosts)).toEqual({
      clusterName: "echo",
      endpoints: [
        { lbEndpoints: [host("10.0.0.3", 80)] },
        { locality: { zone: "a" }, loadBalancingWeight: 2, lbEndpoints: [host("10.0.0.1", 80)] },
        { priority: 1, lbEndpoints: [host("10.0.0.2", 80)] },
      ],
    });
  });

  test.each<[string, EndpointsSpec, string, string]>([
    ["a name", ["localhost:80"], "invalid-address", 'endpoints("echo").hosts[0]'],
    [
      "an address in a group",
      ["1.2.3.4:5", { endpoints: ["x"] }],
      "invalid-address",
      'endpoints("echo").hosts[1].endpoints[0]',
    ],
    ["a weight of 0", [{ address: "1.2.3.4:5", weight: 0 }], "invalid-weight", 'endpoints("echo").hosts[0].weight'],
    [
      "a priority above 128",
      [{ priority: 129, endpoints: [] }],
      "invalid-weight",
      'endpoints("echo").hosts[0].priority',
    ],
  ])("refuses %s and says where", (_, hosts, code, path) => {
    expect(() => endpoints("echo", hosts)).toThrow(expect.objectContaining({ code, path }));
  });
});
