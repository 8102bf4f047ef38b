import { describeDocumentProblem, describeMeshProblem, meshPlane, watchMesh } from "@rxds/mesh";
import { serveXds } from "rxds";

const [folder, address = "127.0.0.1:18000"] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: node dist/main.js FOLDER [ADDRESS]");
  process.exit(2);
}

// Documents that are wrong are told; what was good before goes on.
const mesh$ = watchMesh(folder, { onProblems: (problems) => problems.map(describeDocumentProblem).forEach(warn) });
const plane = meshPlane(mesh$);
plane.problems$.subscribe((problems) => problems.map(describeMeshProblem).forEach(warn));

const server = await serveXds({ address, ...plane });
server.events$.subscribe(({ kind, detail }) => warn(`${kind}: ${detail}`));
warn(`serving ${folder} by xDS on ${server.address}`);

// Agents are sent what their Envoys are ready for, and Envoys serve what agents may still redirect to.
plane.follow(server);

function warn(line: string): void {
  console.error(line);
}
