import { z } from "zod";
import { selectorField, servicePatternField } from "./fields.js";

/** The `spec` of an EgressScope. */
export const egressScopeSpec = z
  .strictObject({
    selector: selectorField.optional().describe("Workloads that this is about. Default: all of the namespace."),
    services: z
      .array(servicePatternField)
      .min(1)
      .optional()
      .describe("Only these services, instead of what is inferred. Default: what is inferred."),
    also: z.array(servicePatternField).min(1).optional().describe("These services too. Default: none."),
  })
  .describe(
    "What proxies see on behalf of workloads of this namespace. Entries of several documents that fit a workload add up.",
  );
