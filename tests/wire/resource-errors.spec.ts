import { typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { cluster, hosts, namesOf, node, startWorld } from "./world.js";

describe.each([
  ["CDS", typeUrls.cluster, cluster],
  ["EDS", typeUrls.endpoints, hosts],
] as const)("a state-of-the-world client of %s that asks for a name that does not exist", (_, typeUrl, build) => {
  test("is told so once, beside all that exists, when the server is told to", async () => {
    await using world = await startWorld([build("a")], { resourceErrors: true });
    const stream = world.sotw();
    stream.send({ node, typeUrl, resourceNames: ["a", "ghost"] });
    const first = await stream.accept();
    expect(namesOf(first)).toEqual(["a"]);
    const errors = (response: typeof first) =>
      response.resourceErrors.map(({ resourceName, errorDetail }) => [resourceName?.name, errorDetail?.code]);
    expect(errors(first)).toEqual([["ghost", 5]]);
    world.put(build("a", 2));
    const second = await stream.accept();
    expect([namesOf(second), errors(second)]).toEqual([["a"], []]);
    stream.send({
      typeUrl,
      resourceNames: ["a", "ghost", "other"],
      responseNonce: second.nonce,
      versionInfo: second.versionInfo,
    });
    const third = await stream.accept();
    expect(errors(third)).toEqual([["other", 5]]);
    world.put(build("ghost"));
    const fourth = await stream.accept();
    expect(namesOf(fourth)).toContain("ghost");
    expect(errors(fourth)).toEqual([]);
    await stream.silence();
  });

  test("hears nothing by default", async () => {
    await using world = await startWorld([build("a")]);
    const stream = world.sotw();
    stream.send({ node, typeUrl, resourceNames: ["ghost"] });
    await stream.silence();
  });
});
