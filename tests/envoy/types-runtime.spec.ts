import { create } from "@bufbuild/protobuf";
import { LayeredRuntimeSchema } from "@rxds/envoy-api/envoy/config/bootstrap/v3/bootstrap";
import { RuntimeSchema } from "@rxds/envoy-api/envoy/service/runtime/v3/rtds";
import { FractionalPercent_DenominatorType } from "@rxds/envoy-api/envoy/type/v3/percent";
import { eventually, type StartEnvoyOptions } from "@rxds/testkit";
import { adsConfigSource, createSnapshot, edit, httpListener, route, routes, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { withLab } from "./lab.js";

/** Takes the runtime layer `flags` from the control plane. */
const layered: StartEnvoyOptions["bootstrap"] = (bootstrap) => {
  bootstrap.layeredRuntime = create(LayeredRuntimeSchema, {
    layers: [
      { name: "flags", layerSpecifier: { case: "rtdsLayer", value: { name: "flags", rtdsConfig: adsConfigSource() } } },
    ],
  });
};

/** Percent of the requests that take the new route. */
const flags = (percent: number) => create(RuntimeSchema, { name: "flags", layer: { "new.share": percent } });

/** A route for the share of requests that the runtime tells. */
function shared() {
  const fresh = route({ prefix: "/", directResponse: { status: 200, body: "new" } });
  fresh.match!.runtimeFraction = {
    $typeName: "envoy.config.core.v3.RuntimeFractionalPercent",
    runtimeKey: "new.share",
    defaultValue: {
      $typeName: "envoy.type.v3.FractionalPercent",
      numerator: 0,
      denominator: FractionalPercent_DenominatorType.HUNDRED,
    },
  };
  return routes("main", [fresh, route({ prefix: "/", directResponse: { status: 200, body: "old" } })]);
}

describe.each(["delta", "sotw"] as const)("a runtime layer (RTDS) in a real Envoy over %s", (mode) => {
  test("decides about a route's share, and is changed; only delta can tell that it is removed", () => {
    const first = createSnapshot([httpListener({ name: "ingress", port: 0, routeConfig: "main" }), shared(), flags(0)]);
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
