import { createSnapshot, type Snapshot } from "@rxds/core";
import type { MeshProblem } from "./compile/problem.js";
import { MeshCompiler } from "./graph/compiler.js";
import type { MeshProxy } from "./graph/proxy.js";
import { exists, ownResources, proxyScope, sightOf } from "./graph/proxy-view.js";
import type { MeshDocument } from "./model/document.js";
import { type RedirectPlan, redirectPlan } from "./plan/redirect-plan.js";

/** The documents of a mesh. */
export interface MeshLike {
  /** Each document, by its key. */
  readonly documents: ReadonlyMap<string, MeshDocument>;
}

/**
 * The configuration of one proxy. Depends on nothing but its arguments: equal meshes give equal bytes. Costs the size of the
 * mesh; a running control plane, whose cost is that of the change, is made with `meshPlane`.
 *
 * A proxy that the mesh does not know gets an empty snapshot.
 */
export function compile(mesh: MeshLike, proxy: MeshProxy): Snapshot {
  const compiler = compiled(mesh);
  if (!exists(proxy, compiler)) return createSnapshot();
  compiler.open(proxy);
  const items = [...ownResources(proxy, compiler).list()];
  for (const [type, names] of Object.entries(proxyScope(proxy, [sightOf(proxy, compiler).names], compiler))) {
    for (const name of new Set(names)) {
      const resource = compiler.snapshot.get(type, name);
      if (resource !== undefined) items.push(resource);
    }
  }
  return createSnapshot(items);
}

/** Where connections of a node's enrolled workloads are to be redirected to. */
export function planRedirects(mesh: MeshLike, node: string): RedirectPlan {
  return redirectPlan(node, compiled(mesh));
}

/** What is wrong with documents that are each well-formed: names that lead nowhere, addresses that two claim. */
export function checkMesh(mesh: MeshLike): MeshProblem[] {
  return compiled(mesh).problems();
}

function compiled({ documents }: MeshLike): MeshCompiler {
  const compiler = new MeshCompiler();
  compiler.update([...documents.values()].map((after) => ({ before: undefined, after })));
  return compiler;
}
