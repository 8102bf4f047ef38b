import { constants } from "node:os";
import { parseArgs } from "node:util";
import { TestkitError } from "@rxds/testkit";
import { untilInterrupted } from "../interrupted.js";
import { createStyle } from "../style.js";
import type { Topology } from "./documents.js";
import { type RunningMesh, withMesh } from "./running-mesh.js";
import { tell } from "./story.js";

const HELP = `A mesh of real Envoys in network namespaces: requests go through it while its topology is changed.

  --topology sidecar|node  which one it begins with: an Envoy beside each pod, or one on each node
  --once                   ends when everything was shown; the exit code is 0 only if all went as expected
  --help                   prints this
`;

const { values } = parseArgs({
  options: { topology: { type: "string" }, once: { type: "boolean" }, help: { type: "boolean", short: "h" } },
});
const style = createStyle(process.stdout);
const print = (text: string) => console.log(text);
const interrupted = untilInterrupted();
let signal: NodeJS.Signals | undefined;
interrupted.then((received) => {
  signal = received;
});

process.exitCode = await main();
// Whatever was going on when it was interrupted is of no interest any more.
process.exit();

/** Resolves with the exit code. */
async function main(): Promise<number> {
  const { topology, help } = values;
  if (help) {
    print(HELP);
    return 0;
  }
  if (topology !== "sidecar" && topology !== "node") {
    console.error(`error: --topology must be sidecar or node, not ${JSON.stringify(topology)}`);
    return 2;
  }
  try {
    return await withMesh(topology, (mesh) => run(mesh, topology));
  } catch (error) {
    // Ctrl-C ends what runs in the namespaces too, which then fails.
    if (signal !== undefined) return stoppedBy(signal);
    if (!(error instanceof TestkitError)) throw error;
    // What is missing on this machine, for example the right to make network namespaces.
    console.error(`error: ${error.message}`);
    return 1;
  }
}

/** Tells the story. Resolves with the exit code. */
async function run(mesh: RunningMesh, topology: Topology): Promise<number> {
  print(style.title(`rxds: a mesh of ${mesh.pods.size} pods on ${mesh.nodes.size} nodes`));
  print("");
  print(`    documents  ${mesh.folder}`);

  const ending = await Promise.race([tell(mesh, topology, print, style), interrupted]);
  if (typeof ending === "string") return stoppedBy(ending);
  print(`\n${ending ? style.good("All went as expected.") : style.bad("Not all went as expected.")}`);
  if (!values.once) {
    print(`The mesh goes on: edit ${mesh.folder}/mesh.yaml to change its topology, rules.yaml to change its routes.`);
    print("Ctrl-C ends everything.");
    await Promise.race([interrupted, mesh.failed()]);
  }
  return ending ? 0 : 1;
}

/** Tells that a signal came too early. Returns the exit code. */
function stoppedBy(name: NodeJS.Signals): number {
  print(`\n${name}: stopped before the end`);
  return 128 + constants.signals[name];
}
