import { z } from "zod";
import { addressField, nameField } from "./fields.js";

/** The `spec` of a Workload. */
export const workloadSpec = z
  .strictObject({
    addresses: z.array(addressField).min(1).max(8).describe("Its IP addresses."),
    node: nameField.describe("The name of the Node that it runs on."),
    serviceAccount: nameField
      .optional()
      .describe("The name of its service account, in its namespace. Default: `default`."),
    hostNetwork: z
      .boolean()
      .optional()
      .describe("Whether it shares its node's network: such a workload is never enrolled. Default: false."),
    ready: z
      .boolean()
      .optional()
      .describe("Whether it takes requests. One that is not ready gets none, unless no other is. Default: true."),
    networkNamespace: z
      .string()
      .startsWith("/")
      .optional()
      .describe("Where its network namespace is found on its node, such as `/run/netns/web-1`. Default: not known."),
    cgroup: z
      .string()
      .startsWith("/")
      .optional()
      .describe("The path of its cgroup (version 2) on its node, below the mount. Default: not known."),
  })
  .describe("A pod, or a process that is like one.");
