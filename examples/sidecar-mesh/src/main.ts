import { describeDocumentProblem, describeMeshProblem, meshPlane, readyPlans, watchMesh } from "@rxds/mesh";
import { serveXds } from "rxds";
import { iptablesInput } from "./iptables.js";

const [folder, address = "127.0.0.1:18000", ...nodes] = process.argv.slice(2);
if (folder === undefined || nodes.length === 0) {
  console.error("usage: node dist/main.js FOLDER ADDRESS NODE...");
  process.exit(2);
}

// Documents that are wrong are told; what was good before goes on.
const mesh$ = watchMesh(folder, { onProblems: (problems) => problems.map(describeDocumentProblem).forEach(warn) });
const plane = meshPlane(mesh$);
plane.problems$.subscribe((problems) => problems.map(describeMeshProblem).forEach(warn));

const server = await serveXds({ address, ...plane });
server.events$.subscribe(({ kind, detail }) => warn(`${kind}: ${detail}`));
warn(`serving ${folder} by xDS on ${server.address}`);

// One line for each workload, when the Envoys of its node are ready: the rules that lead its connections there.
const inForce = new Map<string, string>();
for (const node of nodes) {
  readyPlans(plane.redirectPlan(node), server).subscribe(({ groups }) => {
    for (const group of groups) {
      const workload = group.workloads[0]!.name;
      const first = !inForce.has(workload);
      const rules = iptablesInput(group, false);
      if (inForce.get(workload) === rules) continue;
      inForce.set(workload, rules);
      console.log(JSON.stringify({ workload, rules: first ? iptablesInput(group, true) : rules }));
    }
  });
}

function warn(line: string): void {
  console.error(line);
}
