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
export { API_VERSION } from "./model/document.js";
