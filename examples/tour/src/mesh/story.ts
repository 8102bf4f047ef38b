import { heading } from "../blocks.js";
import type { Style } from "../style.js";
import type { Topology } from "./documents.js";
import { memoryOf } from "./memory.js";
import { memoryLines, sampleLines, switchLines } from "./report.js";
import type { RunningMesh } from "./running-mesh.js";
import { sendSamples } from "./samples.js";
import { switchTopology } from "./switch.js";

const TITLES: Readonly<Record<Topology, string>> = {
  sidecar: "topology sidecar: an Envoy beside each pod",
  node: "topology node: one Envoy on each node",
};

/** Shows a mesh in its topology, and then in the other one. Resolves with whether all went as expected. */
export async function tell(
  mesh: RunningMesh,
  topology: Topology,
  print: (text: string) => void,
  style: Style,
): Promise<boolean> {
  const show = (lines: readonly string[]) => print(lines.join("\n"));
  show(heading(1, TITLES[topology], style));
  await mesh.settled(topology);
  const before = await look(mesh, show, style);

  const other = topology === "node" ? "sidecar" : "node";
  show(heading(2, `${TITLES[other]}, from now on`, style));
  const outcome = await switchTopology(mesh, other);
  show(switchLines(outcome, style));
  const after = await look(mesh, show, style);
  return before && after && outcome.failed === 0;
}

/** Looks at the Envoys, and sends some requests. */
async function look(mesh: RunningMesh, show: (lines: readonly string[]) => void, style: Style): Promise<boolean> {
  const memory = new Map<string, number>();
  for (const [id, { pid }] of await mesh.envoys.running()) memory.set(id, await memoryOf(pid));
  show(memoryLines(memory, style));
  const outcomes = await sendSamples(mesh);
  show(sampleLines(outcomes, style));
  return outcomes.every(({ isExpected }) => isExpected);
}
