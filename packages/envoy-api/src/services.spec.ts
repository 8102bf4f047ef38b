import { describe, expect, test } from "vitest";
import { bytesService } from "./services.js";

describe("a service definition", () => {
  test("has the methods and paths of the proto file, and leaves bytes as they are", () => {
    const service = bytesService("envoy.service.discovery.v3.AggregatedDiscoveryService");
    expect(Object.keys(service).sort()).toEqual(["DeltaAggregatedResources", "StreamAggregatedResources"]);
    const method = service.DeltaAggregatedResources!;
    expect(method.path).toBe("/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources");
    expect([method.requestStream, method.responseStream]).toEqual([true, true]);
    const bytes = Buffer.from("anything");
    expect(method.requestDeserialize(bytes)).toBe(bytes);
    expect(method.responseSerialize(bytes)).toBe(bytes);
  });

  test("of an unknown service is an error that lists the known ones", () => {
    expect(() => bytesService("envoy.service.Nothing")).toThrow(
      /no service "envoy.service.Nothing".*ClusterDiscoveryService/,
    );
  });
});
