import { createInterface } from "node:readline";
import { describeDocumentProblem, describeMeshProblem, meshPlane, readyPlans, watchMesh } from "@rxds/mesh";
import { serveXds } from "rxds";

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

// One line for each plan that can be put into force: what of whom is to be redirected to the node's Envoy.
for (const node of nodes) {
  readyPlans(plane.redirectPlan(node), server).subscribe((plan) => console.log(JSON.stringify(plan)));
}

// "NODE GENERATION": a plan is in force, and nothing is redirected as an older one said.
for await (const line of createInterface({ input: process.stdin })) {
  const [node = "", generation = ""] = line.split(" ");
  plane.applied(node, generation);
}

function warn(line: string): void {
  console.error(line);
}
