import { z } from "zod";
import { pathField, portField, serviceField, sourceField } from "./fields.js";

/** The `spec` of an AuthorizationPolicy. */
export const authorizationPolicySpec = z
  .strictObject({
    services: z
      .array(serviceField)
      .min(1)
      .optional()
      .describe("Services that this is about. Default: all of its namespace."),
    action: z.enum(["allow", "deny"]).describe("What happens to requests that a rule fits."),
    rules: z
      .array(
        z.strictObject({
          from: z
            .array(sourceField)
            .min(1)
            .optional()
            .describe("Callers. One of these is enough. Default: any caller."),
          to: z
            .array(
              z.strictObject({
                ports: z.array(portField).min(1).optional().describe("The service's ports. Default: any."),
                methods: z
                  .array(z.string().regex(/^[A-Z][A-Z-]*$/, "expected a method in capital letters"))
                  .min(1)
                  .optional()
                  .describe("Methods, for HTTP and gRPC. Default: any."),
                paths: z
                  .array(
                    z.union([pathField, z.string().regex(/^\/[^?#\s*]*\*$/, 'expected a path that ends with "*"')]),
                  )
                  .min(1)
                  .optional()
                  .describe(
                    "Paths, for HTTP and gRPC: exactly, or with `*` at the end all that begin so. Default: any.",
                  ),
              }),
            )
            .min(1)
            .optional()
            .describe("Requests. One of these is enough. Default: any request."),
        }),
      )
      .max(256)
      .describe("One of these is enough. An empty list fits nothing."),
  })
  .describe(
    "Who may call. A request that any `deny` rule fits is refused; where there is an `allow` policy for a service, only what an `allow` rule fits is let through; else everything is.",
  );
