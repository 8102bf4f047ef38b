import { describeDocumentProblem, loadMesh, type Mesh, meshPlane, watchMesh } from "@rxds/mesh";
import { type LabPlaces, netLab } from "@rxds/testkit";
import { serveXds } from "rxds";
import { copyDocuments, type Topology } from "./documents.js";
import { createEnvoys, type Envoys } from "./envoys.js";
import { keepUp } from "./keep-up.js";
import { makePlaces } from "./places.js";

/** A mesh on one machine: its nodes and pods are network namespaces. */
export interface RunningMesh extends LabPlaces {
  /** What the documents say; which topology, may have changed since. */
  readonly mesh: Mesh;
  /** The documents that are followed. */
  readonly folder: string;
  readonly envoys: Envoys;
  /** Changes the topology in the documents. */
  setTopology(topology: Topology): Promise<void>;
  /** Resolves when all nodes are as they are to be in a topology. */
  settled(topology: Topology): Promise<void>;
  /** Rejects when the nodes cannot be kept as the documents say. */
  failed(): Promise<never>;
}

/** Makes it, calls `body`, and takes everything down again, whatever happens. Throws what `netLab` throws. */
export async function withMesh<T>(topology: Topology, body: (mesh: RunningMesh) => Promise<T>): Promise<T> {
  await using lab = await netLab({ virtualRanges: ["10.96.0.0/16"] });
  await using documents = await copyDocuments(topology);
  const { folder, setTopology } = documents;
  const mesh = await loadMesh(folder);
  const places = await makePlaces(lab, mesh);

  const warn = (line: string) => console.error(line);
  const onProblems: Parameters<typeof watchMesh>[1] = {
    onProblems: (problems) => problems.map(describeDocumentProblem).forEach(warn),
  };
  const plane = meshPlane(watchMesh(folder, onProblems));
  // In a folder that is not looked at for documents: its name begins with a dot.
  await using server = await serveXds({ address: `unix:${folder}/.xds`, ...plane });
  await using envoys = createEnvoys(server.address, places);
  const { settled, failed, stop } = keepUp(plane, server, envoys, places);
  try {
    return await body({ ...places, mesh, folder, envoys, setTopology, settled, failed });
  } finally {
    stop();
    plane.close();
  }
}
