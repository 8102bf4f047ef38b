import { z } from "zod";
import { addressField } from "./fields.js";

/** The `spec` of a Node. */
export const nodeSpec = z
  .strictObject({
    addresses: z
      .array(addressField)
      .min(1)
      .max(8)
      .describe("Its IP addresses: the first of each family is where its Envoy listens."),
  })
  .describe(
    "A machine that workloads run on. Its labels `topology.kubernetes.io/region` and `topology.kubernetes.io/zone` are its locality.",
  );
