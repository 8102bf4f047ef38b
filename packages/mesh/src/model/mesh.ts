import { z } from "zod";
import { durationField, nameField, portField, selectorField } from "./fields.js";

/** Cluster-wide settings. There is one document of this kind. */
export const meshSpec = z.strictObject({
  /**
   * Who carries the connections of enrolled workloads: an Envoy of each workload's own, or the one of its node. A workload's
   * label `rxds.dev/topology` overrides it. Default: `node`.
   */
  topology: z.enum(["sidecar", "node"]).optional(),
  /** Which workloads take part: those that any entry selects. Default: none. */
  enrol: z
    .array(
      z.strictObject({
        /** Of these namespaces. Default: of all. */
        namespaces: z.array(nameField).min(1).optional(),
        /** With these labels. Default: all. */
        selector: selectorField.optional(),
      }),
    )
    .optional(),
  /**
   * What a proxy sees that no EgressScope speaks of: `inferred` from routes and policies, or `all` services. Default:
   * `inferred`.
   */
  scope: z.enum(["inferred", "all"]).optional(),
  /** Where proxies listen. */
  ports: z
    .strictObject({
      /** Redirected connections. Default: 15001. */
      redirect: portField.optional(),
      /** What comes in to a sidecar. Default: 15006. */
      inbound: portField.optional(),
      /** One port of this range for each UDP port of a service. Default: 15100 to 16099. */
      udp: z.strictObject({ from: portField, to: portField }).optional(),
    })
    .optional(),
  /** A file that each proxy writes a line to for each request and connection, such as `/dev/stdout`. Default: none. */
  accessLog: z.strictObject({ path: z.string().startsWith("/") }).optional(),
  /** What holds for all services unless a Route or TrafficPolicy says otherwise. */
  defaults: z
    .strictObject({
      /** Time to connect to a workload. Default: 5s. */
      connectTimeout: durationField.optional(),
      /** Time for a whole response; `0s`: no limit. Default: 15s. */
      timeout: durationField.optional(),
    })
    .optional(),
});
