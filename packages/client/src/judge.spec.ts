import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { expect, test } from "vitest";
import { judgeWith } from "./judge.js";
import { createResource } from "./resource.js";

const resource = createResource({
  typeUrl: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
  name: "a",
  version: "1",
  value: Buffer.from([0xff]),
});

test("without a schema and a user everything can be used", () => {
  expect(judgeWith(undefined, undefined)(resource)).toBeUndefined();
});

test("what the schema cannot decode is refused before the user sees it", () => {
  const seen: string[] = [];
  const judge = judgeWith(ClusterSchema, ({ name }) => void seen.push(name));
  expect(judge(resource)).toMatch(/not a valid envoy.config.cluster.v3.Cluster/);
  expect(seen).toEqual([]);
});

test("what the user returns or throws is the reason", () => {
  expect(judgeWith(undefined, () => "no")(resource)).toBe("no");
  const thrown = (value: unknown) => () => {
    throw value;
  };
  expect(judgeWith(undefined, thrown(new Error("bad")))(resource)).toBe("bad");
  expect(judgeWith(undefined, thrown("worse"))(resource)).toBe("worse");
});
