import { z } from "zod";
import { addressField } from "./fields.js";

/** A machine that workloads run on. Its labels `topology.kubernetes.io/region` and `/zone` are its locality. */
export const nodeSpec = z.strictObject({
  /** Its IP addresses: the first of each family is where its Envoy listens. */
  addresses: z.array(addressField).min(1).max(8),
});
