import { z } from "zod";
import { durationField, nameField, portField, positiveDurationField, selectorField } from "./fields.js";

/** The `spec` of a Mesh. */
export const meshSpec = z
  .strictObject({
    topology: z
      .enum(["sidecar", "node"])
      .optional()
      .describe(
        "Who carries the connections of enrolled workloads: an Envoy of each workload's own, or the one of its node. A workload's label `rxds.dev/topology` overrides it. Default: `node`.",
      ),
    enrol: z
      .array(
        z.strictObject({
          namespaces: z.array(nameField).min(1).optional().describe("Of these namespaces. Default: of all."),
          selector: selectorField.optional().describe("With these labels. Default: all."),
        }),
      )
      .optional()
      .describe("Which workloads take part: those that any entry selects. Default: none."),
    scope: z
      .enum(["inferred", "all"])
      .optional()
      .describe(
        "What a proxy sees that no EgressScope speaks of: `inferred` from routes and policies, or `all` services. Default: `inferred`.",
      ),
    ports: z
      .strictObject({
        redirect: portField.optional().describe("Redirected connections. Default: 15001."),
        inbound: portField.optional().describe("What comes in to a sidecar. Default: 15006."),
        udp: z
          .strictObject({
            from: portField.describe("The first port of the range."),
            to: portField.describe("The last."),
          })
          .optional()
          .describe("One port of this range for each UDP port of a service. Default: 15100 to 16099."),
      })
      .optional()
      .describe("Where proxies listen."),
    whenProxyAway: z
      .enum(["refuse", "pass"])
      .optional()
      .describe(
        "What becomes of connections that are redirected in the kernel while their proxy does not answer: `refuse` them at once, or let them `pass` to where they go without a mesh. Default: `refuse`.",
      ),
    accessLog: z
      .strictObject({ path: z.string().startsWith("/").describe("The file, such as `/dev/stdout`.") })
      .optional()
      .describe("A file that each proxy writes a line to for each request and connection. Default: none."),
    defaults: z
      .strictObject({
        connectTimeout: positiveDurationField.optional().describe("Time to connect to a workload. Default: 5s."),
        timeout: durationField.optional().describe("Time for a whole response; `0s`: no limit. Default: 15s."),
      })
      .optional()
      .describe("What holds for all services unless a Route or TrafficPolicy says otherwise."),
  })
  .describe("Cluster-wide settings. There is one document of this kind.");
