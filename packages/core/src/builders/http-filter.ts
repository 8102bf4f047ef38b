import { create, isMessage } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { RouterSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/router/v3/router";
import {
  type HttpFilter,
  HttpFilterSchema,
} from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { typedConfig } from "../encode/index.js";

/** An HTTP filter: its name and its configuration from `typedConfig`, or the whole message. */
export type HttpFilterSpec = HttpFilter | { readonly name: string; readonly typedConfig: Any };

/** The filters, with the router, which must be last, appended unless it is there. */
export function httpFilters(specs: readonly HttpFilterSpec[]): HttpFilter[] {
  const filters = specs.map((spec) =>
    isMessage(spec, HttpFilterSchema) ? spec : httpFilter(spec.name, spec.typedConfig),
  );
  const last = filters.at(-1)?.configType;
  const hasRouter = last?.case === "typedConfig" && last.value.typeUrl.endsWith(`/${RouterSchema.typeName}`);
  return hasRouter ? filters : [...filters, httpFilter("envoy.filters.http.router", typedConfig(RouterSchema, {}))];
}

function httpFilter(name: string, value: Any): HttpFilter {
  return create(HttpFilterSchema, { name, configType: { case: "typedConfig", value } });
}
