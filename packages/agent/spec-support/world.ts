import { createXdsClient } from "@rxds/client";
import { typeUrls } from "@rxds/core";
import { API_VERSION, agentId, createMesh, type Mesh, type MeshDocument, meshPlane, REDIRECT_PIECE } from "@rxds/mesh";
import { type ServeXdsOptions, serveXds, type XdsEvent } from "@rxds/server";
import { BehaviorSubject } from "rxjs";
import { type AgentOptions, runAgent } from "../src/run-agent.js";

const apiVersion = API_VERSION;
const metadata = (name: string) => ({ name, namespace: "default" });

/** A mesh with one node, one workload, and that many services. */
export function meshOf(services: number, topology: "node" | "sidecar" = "node"): Mesh {
  const documents: MeshDocument[] = [
    { apiVersion, kind: "Mesh", metadata: { name: "mesh" }, spec: { topology, enrol: [{}] } },
    { apiVersion, kind: "Node", metadata: { name: "n1" }, spec: { addresses: ["10.0.0.1"] } },
    { apiVersion, kind: "Workload", metadata: metadata("web"), spec: { addresses: ["10.1.0.1"], node: "n1" } },
  ];
  for (let i = 0; i < services; i++) {
    const spec = { addresses: [`10.96.0.${i + 1}`], ports: [{ port: 80 }] };
    documents.push({ apiVersion, kind: "Service", metadata: metadata(`s${i}`), spec });
  }
  return createMesh(documents);
}

const cleanUps: (() => Promise<void>)[] = [];

/** Stops all that was started, the newest first. */
export async function stopAll(): Promise<void> {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
}

const reconnect = { minMs: 5, maxMs: 50 };

/** A control plane for a mesh. Port 0 takes a free one. */
export async function startPlane(mesh: Mesh, port = 0, options: Partial<ServeXdsOptions> = {}) {
  const mesh$ = new BehaviorSubject(mesh);
  const plane = meshPlane(mesh$, { leaveAfterMs: 1_000_000 });
  const applied: string[] = [];
  const original = plane.applied.bind(plane);
  plane.applied = (node, generation) => {
    applied.push(generation);
    original(node, generation);
  };
  const server = await serveXds({ address: `127.0.0.1:${port}`, ...plane, ...options });
  const events: XdsEvent[] = [];
  server.events$.subscribe((event) => events.push(event));
  plane.follow(server);
  const stop = async () => {
    plane.close();
    await server.close(0);
  };
  cleanUps.push(stop);
  return {
    plane,
    server,
    mesh$,
    stop,
    /** The generations of the plans that the plane knows to be in force. */
    applied,
    /** What happened between the server and agents. */
    events: () => events.filter((event) => "node" in event && event.node.id.startsWith("agent~")),
    /** The names of what was sent to agents, response by response. */
    sent: () =>
      events.flatMap((event) =>
        event.kind === "sent" && event.type === REDIRECT_PIECE
          ? [[...[...event.names].sort(), ...event.removedNames.map((name) => `-${name}`)]]
          : [],
      ),
    /** Where the agent of the node stands. */
    agentStatus: () =>
      server
        .clients()
        .find(({ node }) => node.id === agentId("n1"))
        ?.types.find(({ type }) => type === REDIRECT_PIECE),
  };
}

/** Something that takes all that an Envoy is sent, but for the listeners that it refuses, and is ready at once. */
export function startEnvoy(address: string, id = "node~n1", refused: ReadonlySet<string> = new Set()) {
  const accept = ({ name }: { readonly name: string }) => (refused.has(name) ? "no" : undefined);
  const client = createXdsClient({ address, node: { id }, reconnect, accept });
  cleanUps.push(() => client.close());
  for (const type of [typeUrls.cluster, typeUrls.endpoints, typeUrls.routes, typeUrls.extensionConfig]) {
    client.subscribe(type, "*");
  }
  const listeners = client.subscribe(typeUrls.listener, "*");
  return { client, listeners: () => [...listeners.resources.keys()].sort() };
}

/** The agent of the node. */
export function startAgent(
  address: string,
  sink: { readonly start: AgentOptions["sink"] },
  options: Partial<AgentOptions> = {},
) {
  const agent = runAgent({ node: "n1", address, sink: sink.start, reconnect, ...options });
  cleanUps.push(() => agent.close());
  return agent;
}
