import { z } from "zod";
import { addressField, labelsField, nameField, portField } from "./fields.js";

/** How the bytes of a port are understood. */
export const protocolField = z.enum(["http", "grpc", "tcp", "udp"]);

/** The `spec` of a Service. */
export const serviceSpec = z
  .strictObject({
    addresses: z
      .array(addressField)
      .max(8)
      .optional()
      .describe("Virtual IPs, IPv4 and IPv6. A service without one can only be a backend of routes. Default: none."),
    selector: labelsField
      .optional()
      .describe(
        "The labels of the workloads behind it, in its own namespace. Default: none; then it has no endpoints.",
      ),
    ports: z
      .array(
        z.strictObject({
          name: nameField.optional().describe("A name for people. Default: none."),
          port: portField.describe("The port that clients dial."),
          targetPort: portField.optional().describe("The port on which the workloads listen. Default: the same."),
          protocol: protocolField.optional().describe("How the bytes of the port are understood. Default: `tcp`."),
        }),
      )
      .min(1)
      .max(64)
      .describe("Its ports: one at least."),
  })
  .describe("A service: what clients dial, and the workloads behind it.");
