export type {
  AccessLogSpec,
  ApiListenerOptions,
  BuilderErrorCode,
  CertificateRef,
  ClusterOptions,
  CommonTlsOptions,
  DirectResponseSpec,
  DnsClusterOptions,
  DownstreamTlsOptions,
  EdsClusterOptions,
  EndpointGroup,
  EndpointSpec,
  EndpointsSpec,
  FileAccessLogSpec,
  ForwardOptions,
  HeaderChanges,
  HealthCheckSpec,
  HttpFilterSpec,
  HttpListenerOptions,
  HttpManagerOptions,
  ListenerOptions,
  PemSource,
  PrefixMap,
  RedirectSpec,
  RetrySpec,
  RouteActionSpec,
  RouteList,
  RouteMatchSpec,
  RouteSpec,
  RoutesSpec,
  StaticClusterOptions,
  StringMatch,
  StringMatchOptions,
  TcpListenerOptions,
  TlsCertificateOptions,
  UpstreamTlsOptions,
  ValidationContextOptions,
  ValidationRef,
  VirtualHostSpec,
  WeightedClusters,
} from "./builders/index.js";
export {
  adsConfigSource,
  apiListener,
  BuilderError,
  dnsCluster,
  downstreamTls,
  edsCluster,
  endpoints,
  httpListener,
  route,
  routes,
  staticCluster,
  tcpListener,
  tlsCertificate,
  upstreamTls,
  validationContext,
  virtualHost,
} from "./builders/index.js";
export { encodeAny, encodeMessage, packAny, typedConfig } from "./encode/index.js";
export type { LoadOptions, LoadProblem, LoadProblemCode } from "./load/index.js";
export { describeLoadProblem, LoadError, load } from "./load/index.js";
export { describePlan } from "./plan/describe-plan.js";
export type { PlanOptions } from "./plan/plan.js";
export { plan } from "./plan/plan.js";
export type {
  Plan,
  PlanRemoval,
  PlanRisk,
  PlanStep,
  PlanStepKind,
  PlanUpsert,
  PlanWait,
} from "./plan/plan-step.js";
export { combine } from "./reactive/combine.js";
export type { KeyedOptions } from "./reactive/keyed.js";
export { keyed } from "./reactive/keyed.js";
export { redactedBody } from "./redact/redacted-body.js";
export type { ResourceItem, ResourceOptions } from "./resource/create-resource.js";
export { createOpaqueResource, createResource, UnknownResourceTypeError } from "./resource/create-resource.js";
export type { Reference, Resource, ResourceProblem, ResourceTraits } from "./resource/resource.js";
export { sameResource } from "./resource/resource.js";
export type { ResourceType, ResourceTypeOptions } from "./resource/resource-type.js";
export { defineResourceType, typeUrlOf } from "./resource/resource-type.js";
export { isResourceType, registerResourceType, resourceType, resourceTypes } from "./resource/type-registry.js";
export type { Lanes, Versioned } from "./resource/version.js";
export { addLanes, lanesVersion, resourceLanes, subtractLanes, ZERO_LANES } from "./resource/version.js";
export { canonicalName, isCollection } from "./resource/xdstp.js";
export type { Checker, CheckOptions, ResourceLookup } from "./snapshot/check.js";
export { check, createChecker } from "./snapshot/check.js";
export type { Diff } from "./snapshot/diff.js";
export { diff, isEmptyDiff } from "./snapshot/diff.js";
export type { Problem } from "./snapshot/problem.js";
export { describeProblem, InvalidSnapshotError } from "./snapshot/problem.js";
export type { Draft, ResourceKey, Snapshot } from "./snapshot/snapshot.js";
export { createSnapshot, edit, isSnapshot } from "./snapshot/snapshot.js";
export type {
  BesideOptions,
  Commit,
  CommitResult,
  OwnResources,
  Scope,
  ScopedSource,
  Store,
  StoreDiff,
  StoreReader,
  Table,
  Transaction,
} from "./store/index.js";
export { createStore, createStoreBeside, isStore, otherNames, scoped } from "./store/index.js";
export { typeUrls } from "./types/type-urls.js";
