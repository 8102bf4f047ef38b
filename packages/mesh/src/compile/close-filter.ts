import type { MessageInitShape } from "@bufbuild/protobuf";
import { typedConfig } from "@rxds/core";
import type { FilterSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener_components";
import { ConfigSchema as DirectResponseSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/direct_response/v3/config";
import { once } from "./once.js";

/** A network filter that closes each connection. */
export const closeFilter = once(
  (): MessageInitShape<typeof FilterSchema> => ({
    name: "envoy.filters.network.direct_response",
    configType: { case: "typedConfig", value: typedConfig(DirectResponseSchema, {}) },
  }),
);
