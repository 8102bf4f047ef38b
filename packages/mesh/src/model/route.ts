import { z } from "zod";
import {
  changedHeaderField,
  durationField,
  fitsPattern,
  headerNameField,
  headerValueField,
  hostField,
  milliseconds,
  pathField,
  percentField,
  portField,
  positiveDurationField,
  regexField,
  serviceField,
  sourceField,
} from "./fields.js";

const exactText = z.string().describe("Exactly this.");
const prefixText = z.strictObject({ prefix: z.string().min(1).describe("It begins so.") });
const regexText = z.strictObject({ regex: regexField.describe("All of it fits this regular expression (RE2).") });

/** What a header must be: exactly this, or one of the other forms. */
const textMatch = z.union([
  exactText,
  prefixText,
  regexText,
  z.strictObject({ present: z.boolean().describe("Whether it is there at all, whatever it says.") }),
]);

/** What a query parameter must be. */
const queryMatch = z.union([
  exactText,
  prefixText,
  regexText,
  z.strictObject({ present: z.literal(true).describe("It is there, whatever it says.") }),
]);

/** Requests that meet all of what is given. */
const requestMatch = z.strictObject({
  path: z
    .union([
      z.strictObject({
        prefix: pathField.describe("This path and all below: `/api` matches `/api` and `/api/v1`, not `/apiary`."),
      }),
      z.strictObject({ exact: pathField.describe("Only this path.") }),
      z.strictObject({ regex: regexField.describe("All of the path fits this regular expression (RE2).") }),
    ])
    .optional()
    .describe("The path, without query. Default: any."),
  headers: z
    .record(headerNameField, textMatch)
    .optional()
    .describe("Headers by name: all of these must fit. Default: any."),
  methods: z
    .array(z.string().regex(/^[A-Z][A-Z-]*$/, "expected a method in capital letters"))
    .min(1)
    .optional()
    .describe("One of these methods. Default: any."),
  query: z
    .record(z.string().min(1), queryMatch)
    .optional()
    .describe("Parameters of the query by name: all of these must fit. Default: any."),
});

/** A service's port. */
const backend = z.strictObject({
  service: serviceField.describe("The service that takes the requests."),
  port: portField
    .optional()
    .describe("Its port. Default: the port that the request came to, or the backend's only port."),
});

const headerChanges = z.strictObject({
  set: z
    .record(changedHeaderField, headerValueField)
    .optional()
    .describe("Headers by name. Each replaces what is there. Default: none."),
  add: z
    .record(changedHeaderField, headerValueField)
    .optional()
    .describe("Headers by name. Each stands beside what is there. Default: none."),
  remove: z.array(changedHeaderField).optional().describe("Headers that are taken away. Default: none."),
});

const retries = z.strictObject({
  attempts: z.int().min(1).max(10).optional().describe("How many times more. Default: 1."),
  on: z
    .array(z.string().regex(/^[a-z0-9-]+$/, 'expected a condition such as "5xx" or "reset"'))
    .min(1)
    .optional()
    .describe("When: Envoy's conditions. Default: `connect-failure`, `refused-stream`, `unavailable`, `cancelled`."),
  statusCodes: z
    .array(z.int().min(400).max(599))
    .min(1)
    .optional()
    .describe("Status codes that are a reason too. Default: none."),
  perTryTimeout: positiveDurationField.optional().describe("Time for each try. Default: the route's timeout."),
  backoff: z
    .strictObject({
      base: positiveDurationField.describe("The longest wait before the first try more."),
      max: positiveDurationField.optional().describe("The longest wait of all. Default: ten times `base`."),
    })
    .refine(({ base, max }) => max === undefined || milliseconds(max) >= milliseconds(base), {
      message: "expected no less than base",
      path: ["max"],
    })
    .optional()
    .describe("Waiting between tries: random, up to `base`, twice that, … up to `max`. Default: 25ms up to 250ms."),
});

const redirect = z.strictObject({
  scheme: z.enum(["http", "https"]).optional().describe("The scheme to go to. Default: the request's."),
  host: hostField.optional().describe("The host to go to. Default: the request's."),
  port: portField.optional().describe("The port to go to. Default: the request's."),
  path: pathField.optional().describe("The path to go to, whatever the request's was. Default: the request's."),
  prefix: pathField.optional().describe("What takes the place of the matched prefix. Default: the prefix itself."),
  status: z
    .union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)])
    .optional()
    .describe("The status of the answer. Default: 302."),
});

const rewrite = z.strictObject({
  host: hostField.optional().describe("The Host header that is sent. Default: the request's."),
  prefix: pathField
    .optional()
    .describe("What takes the place of the matched prefix, or of the whole exact path. Default: the path itself."),
  regex: z
    .strictObject({
      pattern: regexField.describe("What is replaced, wherever it is in the path: a regular expression (RE2)."),
      substitution: z.string().describe("What takes its place; `\\1` is what the first group of `pattern` fitted."),
    })
    .refine(fitsPattern, {
      message: "expected `\\1` and so on only for groups that the pattern has, and `\\\\` for a backslash",
      path: ["substitution"],
    })
    .optional()
    .describe("A rewrite of the path by a regular expression."),
});

const fault = z.strictObject({
  delay: z
    .strictObject({
      duration: positiveDurationField.describe("How long."),
      percent: percentField.optional().describe("Of how many requests, in percent. Default: 100."),
    })
    .optional()
    .describe("Requests that wait before they go on. Default: none."),
  abort: z
    .strictObject({
      status: z.int().min(200).max(599).describe("The status that is answered."),
      percent: percentField.optional().describe("Of how many requests, in percent. Default: 100."),
    })
    .optional()
    .describe("Requests that are answered instead of going on. Default: none."),
});

/** What happens to requests that match. Rules are tried in their order. */
export const routeRule = z
  .strictObject({
    matches: z
      .array(requestMatch)
      .min(1)
      .max(64)
      .optional()
      .describe("One of these is enough. Default: every request."),
    backends: z
      .array(
        backend.extend({
          weight: z
            .int()
            .min(0)
            .max(1_000_000)
            .optional()
            .describe("Its share of the requests, in proportion to the weights of all. Default: 1."),
        }),
      )
      .min(1)
      .max(32)
      .optional()
      .describe("Services that share the requests by weight. Default: the service itself."),
    timeout: durationField
      .optional()
      .describe("Time for the whole response, retries included; `0s`: no limit. Default: the mesh's."),
    retries: retries.optional().describe("Other tries when one fails. Default: none."),
    requestHeaders: headerChanges.optional().describe("Changes of the request's headers. Default: none."),
    responseHeaders: headerChanges.optional().describe("Changes of the response's headers. Default: none."),
    redirect: redirect
      .optional()
      .describe("An answer that sends the client to another URL, instead of a backend. Default: none."),
    rewrite: rewrite.optional().describe("Changes of the host and the path. Default: none."),
    mirror: backend
      .extend({ percent: percentField.optional().describe("Of how many requests, in percent. Default: 100.") })
      .optional()
      .describe("A copy of the requests goes there, and its answer to nobody. Default: none."),
    fault: fault.optional().describe("Trouble that is made on purpose. Default: none."),
  })
  .refine((rule) => rule.redirect === undefined || (rule.backends ?? rule.rewrite ?? rule.mirror) === undefined, {
    message: "expected no backends, rewrite or mirror beside redirect",
    path: ["redirect"],
  })
  .meta({
    // What JSON Schema is told of the rule above.
    not: { required: ["redirect"], anyOf: ["backends", "rewrite", "mirror"].map((name) => ({ required: [name] })) },
  });

/** The `spec` of a Route. */
export const routeSpec = z
  .strictObject({
    service: serviceField.describe("The service that clients dial."),
    ports: z
      .array(portField)
      .min(1)
      .optional()
      .describe("Its ports that this is about. Default: all of HTTP and gRPC."),
    hosts: z
      .array(
        z
          .string()
          .regex(
            /^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/,
            'expected a host name, such as "a.example.com" or "*.example.com"',
          ),
      )
      .min(1)
      .optional()
      .describe("Host headers that this is about, without port; `*.example.com` too. Default: all."),
    from: z.array(sourceField).min(1).optional().describe("Callers that this is about: one of these. Default: all."),
    rules: z.array(routeRule).min(1).max(256).describe("What happens to requests. The first rule that fits counts."),
  })
  .describe("How requests to one service go.");
