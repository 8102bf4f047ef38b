import { createMesh } from "@rxds/mesh";

/** @typedef {import("@rxds/mesh").MeshDocument} MeshDocument */

const apiVersion = "rxds.dev/v1alpha1";

/** Workloads behind each service. */
export const ENDPOINTS = 10;
/** Services that a scoped pod sees. */
export const SCOPED = 10;

/**
 * One node with some pods, and services whose workloads are elsewhere.
 * @param {{ readonly topology: "sidecar" | "node", readonly scoped: boolean, readonly services: number, readonly pods: number }} shape
 */
export function meshOf({ topology, scoped, services, pods }) {
  /** @type {MeshDocument[]} */
  const documents = [
    {
      apiVersion,
      kind: "Mesh",
      metadata: { name: "mesh" },
      spec: { topology, scope: "all", enrol: [{ namespaces: ["pods"] }] },
    },
    { apiVersion, kind: "Node", metadata: { name: "n1" }, spec: { addresses: ["10.244.1.1"] } },
    { apiVersion, kind: "Node", metadata: { name: "elsewhere" }, spec: { addresses: ["10.244.2.1"] } },
  ];
  for (let i = 0; i < pods; i++) {
    const metadata = { name: `pod-${i}`, namespace: "pods" };
    documents.push({ apiVersion, kind: "Workload", metadata, spec: { node: "n1", addresses: [podAddress(i)] } });
  }
  for (let i = 0; i < services; i++) {
    const metadata = { name: `service-${i}`, namespace: "shop" };
    documents.push({
      apiVersion,
      kind: "Service",
      metadata,
      spec: {
        addresses: [`10.96.${i >> 8}.${i & 255}`],
        selector: { app: `app-${i}` },
        ports: [{ port: 80, targetPort: 8080, protocol: "http" }],
      },
    });
    for (let j = 0; j < ENDPOINTS; j++) {
      documents.push({
        apiVersion,
        kind: "Workload",
        metadata: { name: `app-${i}-${j}`, namespace: "shop", labels: { app: `app-${i}` } },
        spec: { node: "elsewhere", addresses: [`10.${100 + j}.${i >> 8}.${i & 255}`] },
      });
    }
  }
  if (scoped) {
    const seen = Array.from({ length: Math.min(SCOPED, services) }, (_, i) => `shop/service-${i}`);
    documents.push({
      apiVersion,
      kind: "EgressScope",
      metadata: { name: "scope", namespace: "pods" },
      spec: { services: seen },
    });
  }
  return createMesh(documents);
}

/** The address of a pod. @param {number} i */
export const podAddress = (i) => `10.244.1.${10 + i}`;
