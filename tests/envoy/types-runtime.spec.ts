import { eventually } from "@rxds/testkit";
import { createSnapshot, edit, httpListener, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { withLab } from "./lab.js";
import { flags, layered, shared } from "./runtime-flags.js";

describe.each(["delta", "sotw"] as const)("a runtime layer (RTDS) in a real Envoy over %s", (mode) => {
  test("decides about a route's share, and is changed; only delta can tell that it is removed", () => {
    const first = createSnapshot([
      httpListener({ name: "ingress", port: 0, routeConfig: "main" }),
      shared("main"),
      flags(0),
    ]);
    return withLab({ mode, first, envoy: { bootstrap: layered } }, async ({ emit, get, envoy, server }) => {
      const answers = async () => {
        const bodies = await Promise.all(Array.from({ length: 10 }, async () => (await get()).body));
        return [...new Set(bodies)];
      };
      expect(await answers()).toEqual(["old"]);
      await emit(edit(first, (draft) => draft.set(flags(100))));
      await eventually(async () => expect(await answers()).toEqual(["new"]));
      expect(await envoy.admin("/runtime")).toContain("new.share");
      await emit(edit(first, (draft) => draft.delete(typeUrls.runtime, "flags")));
      const { types } = server().clients()[0]!;
      expect(types.find(({ type }) => type === typeUrls.runtime)).toMatchObject({ names: 1, rejections: 0 });
      await eventually(async () => expect(await answers()).toEqual([mode === "delta" ? "old" : "new"]));
    });
  });
});
