export { describeMeshProblem, type MeshProblem } from "./compile/problem.js";
export { checkMesh, compile, type MeshLike, planRedirects } from "./compile-mesh.js";
export { type MeshProxy, parseProxyId, proxyId } from "./graph/proxy.js";
export type {
  AuthorizationPolicy,
  DocumentOf,
  EgressScope,
  Kind,
  MeshDocument,
  MeshSettings,
  Node,
  Route,
  Service,
  TrafficPolicy,
  Workload,
} from "./model/document.js";
export { API_VERSION, documentKey, kinds } from "./model/document.js";
export type { RedirectEntry, RedirectedWorkload, RedirectGroup, RedirectPlan } from "./plan/redirect-plan.js";
