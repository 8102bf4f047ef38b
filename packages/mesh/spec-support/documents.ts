import {
  API_VERSION,
  type AuthorizationPolicy,
  documentKey,
  type EgressScope,
  type MeshDocument,
  type MeshSettings,
  type Node,
  type Route,
  type Service,
  type TrafficPolicy,
  type Workload,
} from "../src/model/document.js";

const apiVersion = API_VERSION;

/** `"name"` or `"namespace/name"` as metadata. */
function named(name: string, labels?: Record<string, string>) {
  const [first = "", second] = name.split("/");
  return {
    name: second ?? first,
    ...(second === undefined ? {} : { namespace: first }),
    ...(labels === undefined ? {} : { labels }),
  };
}

export const settings = (spec: MeshSettings["spec"] = {}): MeshSettings => ({
  apiVersion,
  kind: "Mesh",
  metadata: { name: "mesh" },
  spec,
});

export const node = (name: string, spec: Node["spec"], labels?: Record<string, string>): Node => ({
  apiVersion,
  kind: "Node",
  metadata: { name, ...(labels === undefined ? {} : { labels }) },
  spec,
});

export const service = (name: string, spec: Service["spec"]): Service => ({
  apiVersion,
  kind: "Service",
  metadata: named(name),
  spec,
});

export const workload = (name: string, spec: Workload["spec"], labels?: Record<string, string>): Workload => ({
  apiVersion,
  kind: "Workload",
  metadata: named(name, labels),
  spec,
});

export const route = (name: string, spec: Route["spec"]): Route => ({
  apiVersion,
  kind: "Route",
  metadata: named(name),
  spec,
});

export const trafficPolicy = (name: string, spec: TrafficPolicy["spec"]): TrafficPolicy => ({
  apiVersion,
  kind: "TrafficPolicy",
  metadata: named(name),
  spec,
});

export const authorizationPolicy = (name: string, spec: AuthorizationPolicy["spec"]): AuthorizationPolicy => ({
  apiVersion,
  kind: "AuthorizationPolicy",
  metadata: named(name),
  spec,
});

export const egressScope = (name: string, spec: EgressScope["spec"]): EgressScope => ({
  apiVersion,
  kind: "EgressScope",
  metadata: named(name),
  spec,
});

/** Documents as a mesh. */
export const mesh = (...documents: MeshDocument[]) => ({
  documents: new Map(documents.map((document) => [documentKey(document), document])) as ReadonlyMap<
    string,
    MeshDocument
  >,
});
