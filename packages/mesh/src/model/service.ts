import { z } from "zod";
import { addressField, labelsField, nameField, portField } from "./fields.js";

/** How the bytes of a port are understood. */
export const protocolField = z.enum(["http", "grpc", "tcp", "udp"]);

/** A service: what clients dial, and the workloads behind it. */
export const serviceSpec = z.strictObject({
  /** Virtual IPs, IPv4 and IPv6. A service without one can only be a backend of routes. Default: none. */
  addresses: z.array(addressField).max(8).optional(),
  /** The labels of the workloads behind it, in its own namespace. Default: none; then it has no endpoints. */
  selector: labelsField.optional(),
  ports: z
    .array(
      z.strictObject({
        /** Default: none. */
        name: nameField.optional(),
        /** The port that clients dial. */
        port: portField,
        /** The port on which the workloads listen. Default: the same. */
        targetPort: portField.optional(),
        /** Default: `tcp`. */
        protocol: protocolField.optional(),
      }),
    )
    .min(1)
    .max(64),
});
