import { createMesh, type Mesh, parseDocuments } from "@rxds/mesh";

/** Two nodes: callers on both, backends on both; two services with the same ports, and a pod that is not enrolled. */
const DOCUMENTS = `
apiVersion: rxds.dev/v1alpha1
kind: Mesh
metadata: { name: mesh }
spec: { topology: node, enrol: [{ selector: { matchLabels: { mesh: "on" } } }] }
---
apiVersion: rxds.dev/v1alpha1
kind: Node
metadata: { name: n1 }
spec: { addresses: [10.244.1.1, "fd00:244:1::1"] }
---
apiVersion: rxds.dev/v1alpha1
kind: Node
metadata: { name: n2 }
spec: { addresses: [10.244.2.1, "fd00:244:2::1"] }
---
apiVersion: rxds.dev/v1alpha1
kind: Workload
metadata: { name: client, labels: { mesh: "on" } }
spec: { node: n1, addresses: [10.244.1.10, "fd00:244:1::10"] }
---
apiVersion: rxds.dev/v1alpha1
kind: Workload
metadata: { name: far-client, labels: { mesh: "on" } }
spec: { node: n2, addresses: [10.244.2.10, "fd00:244:2::10"] }
---
apiVersion: rxds.dev/v1alpha1
kind: Workload
metadata: { name: late, labels: { app: late } }
spec: { node: n1, addresses: [10.244.1.11, "fd00:244:1::11"] }
---
apiVersion: rxds.dev/v1alpha1
kind: Workload
metadata: { name: red, labels: { app: red } }
spec: { node: n1, addresses: [10.244.1.20, "fd00:244:1::20"] }
---
apiVersion: rxds.dev/v1alpha1
kind: Workload
metadata: { name: blue, labels: { app: blue } }
spec: { node: n2, addresses: [10.244.2.20, "fd00:244:2::20"] }
---
apiVersion: rxds.dev/v1alpha1
kind: Service
metadata: { name: red }
spec:
  addresses: [10.96.0.1, "fd00:96::1"]
  selector: { app: red }
  ports: [{ port: 80, targetPort: 9000, protocol: http }, { port: 81, targetPort: 9001 }, { port: 53, targetPort: 9002, protocol: udp }]
---
apiVersion: rxds.dev/v1alpha1
kind: Service
metadata: { name: blue }
spec:
  addresses: [10.96.0.2, "fd00:96::2"]
  selector: { app: blue }
  ports: [{ port: 80, targetPort: 9000, protocol: http }, { port: 81, targetPort: 9001 }, { port: 53, targetPort: 9002, protocol: udp }]
---
apiVersion: rxds.dev/v1alpha1
kind: Service
metadata: { name: dns }
spec:
  addresses: [10.96.0.53, "fd00:96::53"]
  selector: { app: red }
  ports: [{ port: 53, targetPort: 9053, protocol: udp }]
`;

/** The mesh of the tests. */
export const testMesh = (): Mesh => createMesh(parseDocuments(DOCUMENTS));

/** Virtual IPs of the services: IPv4 and IPv6. */
export const VIPS = { red: ["10.96.0.1", "fd00:96::1"], blue: ["10.96.0.2", "fd00:96::2"] } as const;

/** Names of the services, and of who answers for them. */
export const COLOURS = ["red", "blue"] as const;
