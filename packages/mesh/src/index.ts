export { describeMeshProblem, type MeshProblem } from "./compile/problem.js";
export { checkMesh, compile, type MeshLike, planRedirects } from "./compile-mesh.js";
export { diffMesh, type MeshDiff } from "./documents/diff-mesh.js";
export type { DocumentProblem, DocumentProblemCode } from "./documents/document-problem.js";
export { describeDocumentProblem } from "./documents/document-problem.js";
export { type DocumentSource, documentSource } from "./documents/document-source.js";
export { createMesh, editMesh, type Mesh, type MeshEdit } from "./documents/mesh.js";
export { MeshError } from "./documents/mesh-error.js";
export type { ParseDocumentOptions, ParseDocumentsOptions } from "./documents/parse-documents.js";
export { parseDocument, parseDocuments } from "./documents/parse-documents.js";
export { loadMesh } from "./files/load-mesh.js";
export type { LoadMeshOptions } from "./files/mesh-reader.js";
export { type WatchMeshOptions, watchMesh } from "./files/watch-mesh.js";
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
export { planSnapshots } from "./pieces/plan-snapshots.js";
export {
  agentId,
  byDestination,
  createPlanAssembler,
  PLAN_PIECE,
  type PlanAssembler,
  type PlanPiece,
  PlanPieceError,
  REDIRECT_PIECE,
  type RedirectEntry,
  type RedirectedWorkload,
  type RedirectGroup,
  type RedirectPlan,
} from "./plan/index.js";
export { type ReadyEntriesOptions, readyEntries } from "./plan/ready-entries.js";
export { type ListenerFacts, planReady, readyPlans } from "./plan/ready-plans.js";
export type { PlaneServer } from "./plane/agent-feeds.js";
export { meshPlane } from "./plane/mesh-plane.js";
export type { MeshPlane, MeshPlaneOptions } from "./plane/plane.js";
export { anyJsonSchema, type JsonSchema, jsonSchema } from "./schemas/json-schema.js";
