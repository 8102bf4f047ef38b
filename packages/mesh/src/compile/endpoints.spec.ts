import fc from "fast-check";
import { expect, test } from "vitest";
import { service, trafficPolicy, workload } from "../../spec-support/documents.js";
import { portEndpoints } from "./endpoints.js";
import { servicePorts } from "./service-port.js";

const [port] = servicePorts(service("echo", { ports: [{ port: 80, targetPort: 8080 }] }));
type Localities = NonNullable<ReturnType<typeof trafficPolicy>["spec"]["localities"]>;

const backing = (name: string, zone: string, ready = true) => ({
  workload: workload(name, { addresses: [`10.0.0.${name.length}`], node: "n", ready }),
  locality: { region: "r", zone },
});

const assigned = (backings: ReturnType<typeof backing>[], localities?: Localities) =>
  portEndpoints(port!, backings, localities && trafficPolicy("t", { service: "echo", localities })).endpoints.map(
    ({ priority, loadBalancingWeight, locality, lbEndpoints }) => [
      priority,
      loadBalancingWeight,
      locality?.zone,
      lbEndpoints.length,
    ],
  );

test("the first entry that fits counts, what none fits comes last, and there are no gaps between priorities", () => {
  const backings = [backing("a", "x"), backing("bb", "y"), backing("ccc", "z"), backing("dddd", "x")];
  expect(assigned(backings).map(([priority, , zone, count]) => [priority, zone, count])).toEqual([
    [0, "x", 2],
    [0, "y", 1],
    [0, "z", 1],
  ]);
  expect(
    assigned(backings, [
      { zone: "y", priority: 3 },
      { zone: "x", priority: 7, weight: 5 },
    ]),
  ).toEqual([
    [0, 1, "y", 1],
    [1, 5, "x", 2],
    [2, 1, "z", 1],
  ]);
});

test("workloads that are not ready count as unhealthy", () => {
  const { endpoints } = portEndpoints(port!, [backing("a", "x", false), backing("bb", "x")], undefined);
  expect(endpoints[0]?.lbEndpoints.map(({ healthStatus }) => healthStatus)).toEqual([2, 0]);
});

test("the order in which workloads came does not matter", () => {
  const all = ["a", "bb", "ccc", "dddd"].map((name, i) => backing(name, ["x", "y"][i % 2]!));
  const expected = portEndpoints(port!, all, undefined);
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
      expect(portEndpoints(port!, shuffled, undefined)).toEqual(expected);
    }),
  );
});
