import { z } from "zod";
import { authorizationPolicySpec } from "./authorization-policy.js";
import { egressScopeSpec } from "./egress-scope.js";
import { labelsField, nameField } from "./fields.js";
import { meshSpec } from "./mesh.js";
import { nodeSpec } from "./node.js";
import { routeSpec } from "./route.js";
import { serviceSpec } from "./service.js";
import { trafficPolicySpec } from "./traffic-policy.js";
import { workloadSpec } from "./workload.js";

/** The `apiVersion` of all documents. */
export const API_VERSION = "rxds.dev/v1alpha1";

const namespaced = z.object({
  name: nameField.describe("Its name: one of its kind, and of its namespace if it has one."),
  namespace: nameField.optional().describe("Its namespace. Default: `default`."),
  labels: labelsField.optional().describe("Labels by name. Default: none."),
  annotations: z.record(z.string(), z.string()).optional().describe("Notes by name. Not looked at. Default: none."),
});

const clusterWide = namespaced.omit({ namespace: true });

function kind<K extends string, M extends z.ZodType, S extends z.ZodType>(name: K, metadata: M, spec: S) {
  return z
    .strictObject({
      apiVersion: z.literal(API_VERSION).describe("The version of the format."),
      kind: z.literal(name).describe("What kind of document this is."),
      metadata: metadata.describe("What it is called."),
      spec,
    })
    .meta({ title: name, description: spec.description });
}

/** The schema of each kind of document: the one source of the types, the checks and the JSON Schemas. */
export const kinds = {
  Mesh: kind("Mesh", clusterWide.strict(), meshSpec),
  Node: kind("Node", clusterWide.strict(), nodeSpec),
  Service: kind("Service", namespaced.strict(), serviceSpec),
  Workload: kind("Workload", namespaced.strict(), workloadSpec),
  Route: kind("Route", namespaced.strict(), routeSpec),
  TrafficPolicy: kind("TrafficPolicy", namespaced.strict(), trafficPolicySpec),
  AuthorizationPolicy: kind("AuthorizationPolicy", namespaced.strict(), authorizationPolicySpec),
  EgressScope: kind("EgressScope", namespaced.strict(), egressScopeSpec),
} as const;

/** The kinds of documents. */
export type Kind = keyof typeof kinds;

/** A document of a kind, as it is written. */
export type DocumentOf<K extends Kind> = z.infer<(typeof kinds)[K]>;

/** Cluster-wide settings. */
export type MeshSettings = DocumentOf<"Mesh">;
/** A machine that workloads run on. */
export type Node = DocumentOf<"Node">;
/** What clients dial, and the workloads behind it. */
export type Service = DocumentOf<"Service">;
/** A pod, or a process that is like one. */
export type Workload = DocumentOf<"Workload">;
/** How requests to one service go. */
export type Route = DocumentOf<"Route">;
/** How a service's workloads are reached. */
export type TrafficPolicy = DocumentOf<"TrafficPolicy">;
/** Who may call. */
export type AuthorizationPolicy = DocumentOf<"AuthorizationPolicy">;
/** What proxies see on behalf of workloads. */
export type EgressScope = DocumentOf<"EgressScope">;

/** Any document of a mesh. Documents are never changed: a change is another document. */
export type MeshDocument = { [K in Kind]: DocumentOf<K> }[Kind];

/** A document of a kind that has namespaces. */
export type Named = { readonly metadata: { readonly name: string; readonly namespace?: string | undefined } };

/** `"Kind namespace/name"`, or `"Kind name"` where the kind has no namespaces: tells documents apart. */
export function documentKey(document: MeshDocument): string {
  if (document.kind === "Mesh" || document.kind === "Node") return `${document.kind} ${document.metadata.name}`;
  return `${document.kind} ${fullName(document)}`;
}

/** `"namespace/name"`. */
export function fullName(document: Named): string {
  return `${namespaceOf(document)}/${document.metadata.name}`;
}

/** The namespace of a document: `default` where none is written. */
export function namespaceOf({ metadata }: Named): string {
  return metadata.namespace ?? "default";
}

/** `"name"` or `"namespace/name"`, as written in a document, as `"namespace/name"`. */
export function absoluteName(name: string, document: Named): string {
  return name.includes("/") ? name : `${namespaceOf(document)}/${name}`;
}
