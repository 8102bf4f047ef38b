import { type MeshProblem, reportAt } from "../compile/problem.js";
import { absoluteName, documentKey, fullName } from "../model/document.js";
import type { BuiltService } from "./build-service.js";
import type { MeshIndex } from "./mesh-index.js";

/** Everything that is wrong with the documents of a mesh beyond each one's own form. Costs the size of the mesh. */
export function findProblems(index: MeshIndex, built: ReadonlyMap<string, BuiltService>): MeshProblem[] {
  const problems: MeshProblem[] = [];
  const report = (problem: MeshProblem) => problems.push(problem);
  for (const service of built.values()) problems.push(...service.problems);
  for (const about of [index.routes, index.trafficPolicies]) {
    for (const service of about.keys()) {
      if (index.services.has(service)) continue;
      for (const document of about.get(service)) {
        reportAt(report, documentKey(document))("spec.service", `there is no service ${service}`);
      }
    }
  }
  for (const service of index.policiesByService.keys()) {
    if (index.services.has(service)) continue;
    for (const document of index.policiesByService.get(service)) {
      const i = document.spec.services!.findIndex((name) => absoluteName(name, document) === service);
      reportAt(report, documentKey(document))(`spec.services[${i}]`, `there is no service ${service}`);
    }
  }
  for (const workload of index.workloads.values()) {
    if (index.nodes.has(workload.spec.node)) continue;
    reportAt(report, documentKey(workload))("spec.node", `there is no Node ${workload.spec.node}`);
  }
  problems.push(...sharedAddresses(index));
  return problems.sort((a, b) => (`${a.document} ${a.path}` < `${b.document} ${b.path}` ? -1 : 1));
}

/** Callers are told by their addresses: two that have the same cannot be told apart. */
function sharedAddresses(index: MeshIndex): MeshProblem[] {
  const problems: MeshProblem[] = [];
  const owners = new Map<string, string>();
  for (const [name, workload] of index.workloads) {
    if (workload.spec.hostNetwork === true) continue;
    workload.spec.addresses.forEach((address, i) => {
      const owner = owners.get(address);
      if (owner === undefined) owners.set(address, fullName(workload));
      else {
        const message = `Workload ${owner} has the address ${address} too: nobody can tell them apart`;
        problems.push({ document: `Workload ${name}`, path: `spec.addresses[${i}]`, message });
      }
    });
  }
  return problems;
}
