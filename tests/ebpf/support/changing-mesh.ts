import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RedirectEntry, RedirectPlan } from "@rxds/mesh";
import type { LabPod } from "@rxds/testkit";

/** Services beside the one that is called, with two addresses each. */
const SERVICES = 120;
const NODE = { name: "n1", address: "10.244.1.1" } as const;

/** What is called all the time. */
export const ECHO = { address: "10.96.0.1", port: 80 } as const;

interface Other {
  readonly name: string;
  readonly addresses: readonly string[];
}

/**
 * The other services of a round. From one to the next some come and some go, some have another address, and some exchange theirs: the
 * entry stays, and is another service's.
 */
function others(round: number): Other[] {
  const all = Array.from({ length: SERVICES }, (_, i) => i).filter((i) => (i + round) % 10 !== 0);
  return all.map((i) => {
    const place = ((i >> 1) + round) % 5 === 0 ? i ^ 1 : i;
    const block = (i + round) % 7 === 0 ? 3 : 2;
    return { name: `s${i}`, addresses: [`10.96.1.${place}`, `10.96.${block}.${place}`] };
  });
}

/** What is to be in force in a round, made of the round alone. */
export function planOf(round: number, client: LabPod): RedirectPlan {
  const entry = (service: string, address: string): RedirectEntry => ({
    address,
    port: 80,
    protocol: "tcp",
    service: `default/${service}`,
    to: { address: NODE.address, port: 15_001 },
    listeners: [],
  });
  const entries = others(round).flatMap(({ name, addresses }) => addresses.map((address) => entry(name, address)));
  const networkNamespace = `/run/netns/${client.netns}`;
  return {
    node: NODE.name,
    generation: `round ${round}`,
    groups: [
      {
        proxy: `node~${NODE.name}`,
        workloads: [{ name: "default/client", addresses: client.addresses, networkNamespace }],
        entries: [entry("echo", ECHO.address), ...entries],
      },
    ],
  };
}

/** The documents of all rounds: a node, a caller, who answers it, and the service. */
export function writeBase(folder: string, client: LabPod, echo: LabPod): Promise<void> {
  return replace(folder, "base", [
    {
      kind: "Mesh",
      metadata: { name: "mesh" },
      spec: { topology: "node", enrol: [{ selector: { matchLabels: { mesh: "on" } } }] },
    },
    { kind: "Node", metadata: { name: NODE.name }, spec: { addresses: [NODE.address] } },
    {
      kind: "Workload",
      metadata: { name: "client", labels: { mesh: "on" } },
      spec: { node: NODE.name, addresses: client.addresses, networkNamespace: `/run/netns/${client.netns}` },
    },
    {
      kind: "Workload",
      metadata: { name: "echo", labels: { app: "echo" } },
      spec: { node: NODE.name, addresses: echo.addresses },
    },
    {
      kind: "Service",
      metadata: { name: "echo" },
      spec: {
        addresses: [ECHO.address],
        selector: { app: "echo" },
        ports: [{ port: ECHO.port, targetPort: 9000, protocol: "http" }],
      },
    },
  ]);
}

/** The documents of a round. */
export function writeRound(folder: string, round: number): Promise<void> {
  const services = others(round).map(({ name, addresses }) => ({
    kind: "Service",
    metadata: { name },
    spec: { addresses, ports: [{ port: 80, protocol: "tcp" }] },
  }));
  return replace(folder, "services", services);
}

/** Whoever watches the folder sees a file as it was, or as it is. */
async function replace(folder: string, name: string, documents: readonly object[]): Promise<void> {
  const text = documents
    .map((document) => JSON.stringify({ apiVersion: "rxds.dev/v1alpha1", ...document }))
    .join("\n---\n");
  await writeFile(join(folder, `.${name}.new`), text);
  await rename(join(folder, `.${name}.new`), join(folder, `${name}.yaml`));
}
