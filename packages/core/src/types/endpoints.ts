import {
  type ClusterLoadAssignment,
  ClusterLoadAssignmentSchema,
} from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint";
import type { ResourceProblem } from "../resource/resource.js";
import { defineResourceType } from "../resource/resource-type.js";
import { type AddressUse, addressProblems } from "./address.js";

/** Envoy refuses a higher priority. */
const MAX_PRIORITY = 128;

/** What is wrong with a load assignment. One bad endpoint makes Envoy drop others of the same response, unnamed. */
export function loadAssignmentProblems(assignment: ClusterLoadAssignment, use: AddressUse, at = ""): ResourceProblem[] {
  const problems: ResourceProblem[] = [];
  assignment.endpoints.forEach((locality, i) => {
    const path = `${at}endpoints[${i}]`;
    if (locality.priority > MAX_PRIORITY) {
      problems.push({
        path: `${path}.priority`,
        message: `priority ${locality.priority} is out of range, expected 0 to ${MAX_PRIORITY}`,
      });
    }
    locality.lbEndpoints.forEach((host, j) => {
      if (host.hostIdentifier.case !== "endpoint") return;
      const where = `${path}.lb_endpoints[${j}].endpoint.address`;
      problems.push(...addressProblems(host.hostIdentifier.value.address, where, use));
    });
  });
  return problems;
}

/** EDS: the endpoints of a cluster, named by the cluster's EDS service name. */
export const endpointsType = defineResourceType({
  schema: ClusterLoadAssignmentSchema,
  label: "EDS",
  rank: 20,
  nameOf: (assignment) => assignment.clusterName,
  problems: (assignment) => loadAssignmentProblems(assignment, "ip"),
});
