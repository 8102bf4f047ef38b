import { z } from "zod";
import {
  durationField,
  headerNameField,
  headerValueField,
  pathField,
  percentField,
  portField,
  regexField,
  serviceField,
  sourceField,
} from "./fields.js";

/** What a text must be: exactly this, or one of the other forms. */
const textMatch = z.union([
  z.string(),
  z.strictObject({ prefix: z.string().min(1) }),
  z.strictObject({ regex: regexField }),
  z.strictObject({ present: z.boolean() }),
]);

/** What a query parameter must be. */
const queryMatch = z.union([
  z.string(),
  z.strictObject({ prefix: z.string().min(1) }),
  z.strictObject({ regex: regexField }),
  z.strictObject({ present: z.literal(true) }),
]);

/** Requests that meet all of what is given. */
const requestMatch = z.strictObject({
  /** Default: any path. */
  path: z
    .union([
      /** This path and all below: `/api` matches `/api` and `/api/v1`, not `/apiary`. */
      z.strictObject({ prefix: pathField }),
      z.strictObject({ exact: pathField }),
      /** The whole path. */
      z.strictObject({ regex: regexField }),
    ])
    .optional(),
  /** Default: any. */
  headers: z.record(headerNameField, textMatch).optional(),
  /** Default: any. */
  methods: z
    .array(z.string().regex(/^[A-Z][A-Z-]*$/, "expected a method in capital letters"))
    .min(1)
    .optional(),
  /** Default: any. */
  query: z.record(z.string().min(1), queryMatch).optional(),
});

/** A service's port. */
const backend = z.strictObject({
  service: serviceField,
  /** Default: the port that the request came to, or the backend's only port. */
  port: portField.optional(),
});

const headerChanges = z.strictObject({
  /** Replaces what is there. */
  set: z.record(headerNameField, headerValueField).optional(),
  /** Stands beside what is there. */
  add: z.record(headerNameField, headerValueField).optional(),
  remove: z.array(headerNameField).optional(),
});

const retries = z.strictObject({
  /** How many times more. Default: 1. */
  attempts: z.int().min(1).max(10).optional(),
  /** When: Envoy's conditions. Default: `connect-failure`, `refused-stream`, `unavailable`, `cancelled`. */
  on: z
    .array(z.string().regex(/^[a-z0-9-]+$/, 'expected a condition such as "5xx" or "reset"'))
    .min(1)
    .optional(),
  /** Status codes that are a reason too. */
  statusCodes: z.array(z.int().min(400).max(599)).min(1).optional(),
  /** Time for each try. Default: the route's timeout. */
  perTryTimeout: durationField.optional(),
  /** Waiting between tries: random, up to `base`, twice that, … up to `max`. Default: 25ms, ten times that. */
  backoff: z.strictObject({ base: durationField, max: durationField.optional() }).optional(),
});

const redirect = z.strictObject({
  scheme: z.enum(["http", "https"]).optional(),
  host: z.string().min(1).optional(),
  port: portField.optional(),
  /** The whole path. */
  path: pathField.optional(),
  /** What takes the place of the matched prefix. */
  prefix: pathField.optional(),
  /** Default: 302. */
  status: z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)]).optional(),
});

const rewrite = z.strictObject({
  /** The Host header that is sent. */
  host: z.string().min(1).optional(),
  /** What takes the place of the matched prefix, or of the whole exact path. */
  prefix: pathField.optional(),
  /** A rewrite of the path: RE2 pattern, and substitution with `\1`. */
  regex: z.strictObject({ pattern: regexField, substitution: z.string() }).optional(),
});

const fault = z.strictObject({
  delay: z.strictObject({ duration: durationField, percent: percentField.optional() }).optional(),
  abort: z.strictObject({ status: z.int().min(200).max(599), percent: percentField.optional() }).optional(),
});

/** What happens to requests that match. Rules are tried in their order. */
export const routeRule = z
  .strictObject({
    /** One of these is enough. Default: every request. */
    matches: z.array(requestMatch).min(1).max(64).optional(),
    /** Services that share the requests by weight. Default: the service itself. */
    backends: z
      .array(backend.extend({ /** Default: 1. */ weight: z.int().min(0).max(1_000_000).optional() }))
      .min(1)
      .max(32)
      .optional(),
    /** Time for the whole response, retries included; `0s`: no limit. Default: the mesh's. */
    timeout: durationField.optional(),
    /** Default: none. */
    retries: retries.optional(),
    requestHeaders: headerChanges.optional(),
    responseHeaders: headerChanges.optional(),
    /** Another URL, instead of a backend. */
    redirect: redirect.optional(),
    rewrite: rewrite.optional(),
    /** A copy of the requests goes there, and its answer to nobody. */
    mirror: backend.extend({ /** Default: 100. */ percent: percentField.optional() }).optional(),
    /** Trouble that is made on purpose. */
    fault: fault.optional(),
  })
  .refine((rule) => rule.redirect === undefined || (rule.backends ?? rule.rewrite ?? rule.mirror) === undefined, {
    message: "expected no backends, rewrite or mirror beside redirect",
    path: ["redirect"],
  });

/** How requests to one service go. */
export const routeSpec = z.strictObject({
  /** The service that clients dial. */
  service: serviceField,
  /** Its ports that this is about. Default: all of HTTP and gRPC. */
  ports: z.array(portField).min(1).optional(),
  /** Host headers that this is about, without port; `*.example.com` too. Default: all. */
  hosts: z
    .array(
      z
        .string()
        .regex(
          /^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i,
          'expected a host name, such as "a.example.com" or "*.example.com"',
        ),
    )
    .min(1)
    .optional(),
  /** Callers that this is about: one of these. Default: all. */
  from: z.array(sourceField).min(1).optional(),
  rules: z.array(routeRule).min(1).max(256),
});
