import { create } from "@bufbuild/protobuf";
import { LayeredRuntimeSchema } from "@rxds/envoy-api/envoy/config/bootstrap/v3/bootstrap";
import { RuntimeSchema } from "@rxds/envoy-api/envoy/service/runtime/v3/rtds";
import { FractionalPercent_DenominatorType } from "@rxds/envoy-api/envoy/type/v3/percent";
import type { StartEnvoyOptions } from "@rxds/testkit";
import { adsConfigSource, route, routes } from "rxds";

/** Takes the runtime layer `flags` from the control plane. */
export const layered: NonNullable<StartEnvoyOptions["bootstrap"]> = (bootstrap) => {
  bootstrap.layeredRuntime = create(LayeredRuntimeSchema, {
    layers: [
      { name: "flags", layerSpecifier: { case: "rtdsLayer", value: { name: "flags", rtdsConfig: adsConfigSource() } } },
    ],
  });
};

/** Percent of the requests that take the new route. */
export const flags = (percent: number) => create(RuntimeSchema, { name: "flags", layer: { "new.share": percent } });

/** Routes that answer "new" to the share of requests that the runtime tells, and "old" to the others. */
export function shared(name: string) {
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
  return routes(name, [fresh, route({ prefix: "/", directResponse: { status: 200, body: "old" } })]);
}
