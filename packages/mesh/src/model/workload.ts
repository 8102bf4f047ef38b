import { z } from "zod";
import { addressField, nameField } from "./fields.js";

/** A pod, or a process that is like one. */
export const workloadSpec = z.strictObject({
  /** Its IP addresses. */
  addresses: z.array(addressField).min(1).max(8),
  /** The name of the Node that it runs on. */
  node: nameField,
  /** Default: `default`. */
  serviceAccount: nameField.optional(),
  /** Whether it shares its node's network: such a workload is never enrolled. Default: false. */
  hostNetwork: z.boolean().optional(),
  /** Whether it takes requests. One that is not ready gets none, unless no other is. Default: true. */
  ready: z.boolean().optional(),
  /** Where its network namespace is found on its node, such as `/run/netns/web-1`. Default: not known. */
  networkNamespace: z.string().startsWith("/").optional(),
  /** The path of its cgroup (version 2) on its node, below the mount. Default: not known. */
  cgroup: z.string().startsWith("/").optional(),
});
