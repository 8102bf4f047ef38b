import { z } from "zod";
import { pathField, portField, serviceField, sourceField } from "./fields.js";

/**
 * Who may call. A request that any `deny` rule fits is refused; where there is an `allow` policy for a service, only what an
 * `allow` rule fits is let through; else everything is.
 */
export const authorizationPolicySpec = z.strictObject({
  /** Services that this is about. Default: all of its namespace. */
  services: z.array(serviceField).min(1).optional(),
  action: z.enum(["allow", "deny"]),
  /** One of these is enough. An empty list fits nothing. */
  rules: z
    .array(
      z.strictObject({
        /** One of these is enough. Default: any caller. */
        from: z.array(sourceField).min(1).optional(),
        /** One of these is enough. Default: any request. */
        to: z
          .array(
            z.strictObject({
              /** The service's ports. Default: any. */
              ports: z.array(portField).min(1).optional(),
              /** Methods, for HTTP and gRPC. Default: any. */
              methods: z
                .array(z.string().regex(/^[A-Z][A-Z-]*$/, "expected a method in capital letters"))
                .min(1)
                .optional(),
              /** Paths, for HTTP and gRPC: exactly, or with `*` at the end all that begin so. Default: any. */
              paths: z
                .array(
                  z.union([
                    pathField,
                    z.string().regex(/^\/[^?#\s*]*\*$/, 'expected a path, with or without "*" at the end'),
                  ]),
                )
                .min(1)
                .optional(),
            }),
          )
          .min(1)
          .optional(),
      }),
    )
    .max(256),
});
