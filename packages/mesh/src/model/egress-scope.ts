import { z } from "zod";
import { selectorField, servicePatternField } from "./fields.js";

/** What proxies see on behalf of workloads of this namespace. Entries of several documents that fit a workload add up. */
export const egressScopeSpec = z.strictObject({
  /** Default: all workloads of the namespace. */
  selector: selectorField.optional(),
  /** Only these, instead of what is inferred. Default: what is inferred. */
  services: z.array(servicePatternField).min(1).optional(),
  /** These too. Default: none. */
  also: z.array(servicePatternField).min(1).optional(),
});
