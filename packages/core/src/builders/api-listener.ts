import { create } from "@bufbuild/protobuf";
import { type Listener, ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { HttpConnectionManagerSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { packAny } from "../encode/index.js";
import { type HttpManagerOptions, httpManager } from "./http-manager.js";

/** Options of {@link apiListener}; exactly one of `routeConfig` and `routes` is given. */
export interface ApiListenerOptions extends HttpManagerOptions {
  /** The listener's name: what a gRPC client's channel names after `xds:///`. */
  readonly name: string;
}

/**
 * A listener without a socket, for gRPC clients that take routes from the control plane instead of from a proxy (gRPC
 * proposal A27). A channel to `xds:///hello` asks for the listener `hello`; the domains of its routes are matched against
 * that name.
 *
 * ```ts
 * createSnapshot([
 *   apiListener({ name: "hello", routeConfig: "hello" }),
 *   routes("hello", { "/": "blue" }),
 *   edsCluster({ name: "blue" }),
 *   endpoints("blue", [{ locality: {}, weight: 1, endpoints: ["127.0.0.1:9001"] }]),
 * ]);
 * ```
 *
 * gRPC clients want a locality and a weight for each group of endpoints. An Envoy that is sent an API listener accepts it, and
 * does nothing with it: one snapshot may serve both.
 *
 * @throws BuilderError for an option that no client takes.
 */
export function apiListener(options: ApiListenerOptions): Listener {
  const { name } = options;
  const manager = httpManager(name, options, `apiListener(${JSON.stringify(name)})`);
  options.customize?.(manager);
  return create(ListenerSchema, { name, apiListener: { apiListener: packAny(HttpConnectionManagerSchema, manager) } });
}
