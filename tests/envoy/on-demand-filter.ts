import { OnDemandSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/on_demand/v3/on_demand";
import { adsConfigSource, type HttpFilterSpec, type HttpListenerOptions, httpListener, typedConfig } from "rxds";

/** Asks the control plane for hosts and scopes of routes when a request needs them; with `odcds`, for clusters as well. */
export function onDemandFilter(clusters: "odcds" | "none" = "none"): HttpFilterSpec {
  // Long: an answer within a test's patience is then none that came by giving up.
  const odcds = { source: adsConfigSource(), timeout: { seconds: 60n, nanos: 0 } };
  return {
    name: "envoy.filters.http.on_demand",
    typedConfig: typedConfig(OnDemandSchema, clusters === "odcds" ? { odcds } : {}),
  };
}

/** The listener `ingress` with that filter. */
export function onDemandListener(
  clusters: "odcds" | "none",
  more: Pick<HttpListenerOptions, "customize"> = {},
): ReturnType<typeof httpListener> {
  return httpListener({
    name: "ingress",
    port: 0,
    routeConfig: "main",
    httpFilters: [onDemandFilter(clusters)],
    ...more,
  });
}
