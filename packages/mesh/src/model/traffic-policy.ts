import { z } from "zod";
import { durationField, headerNameField, pathField, portField, serviceField } from "./fields.js";

const locality = z.strictObject({ region: z.string().min(1).optional(), zone: z.string().min(1).optional() });

/** How a service's workloads are reached. */
export const trafficPolicySpec = z.strictObject({
  service: serviceField,
  /** Its ports that this is about. Default: all. */
  ports: z.array(portField).min(1).optional(),
  loadBalancing: z
    .strictObject({
      /** Default: `roundRobin`. */
      policy: z.enum(["roundRobin", "leastRequest", "random", "ringHash", "maglev"]).optional(),
      /** What `ringHash` and `maglev` look at. Default: the source address. */
      hash: z
        .union([
          z.strictObject({ header: headerNameField }),
          z.strictObject({ cookie: z.string().min(1), ttl: durationField.optional() }),
          z.strictObject({ sourceAddress: z.literal(true) }),
        ])
        .optional(),
    })
    .optional(),
  /** Workloads that fail are left out for a while. Default: none are. */
  outlierDetection: z
    .strictObject({
      /** So many 5xx answers or failed connections in a row. Default: 5. */
      consecutiveErrors: z.int().min(1).optional(),
      /** Between two looks. Default: 10s. */
      interval: durationField.optional(),
      /** The first time out; it grows with each. Default: 30s. */
      baseEjection: durationField.optional(),
      /** Of all workloads, at most. Default: 10. */
      maxEjectionPercent: z.int().min(0).max(100).optional(),
    })
    .optional(),
  /** Limits of each proxy. Default: Envoy's, 1024 each, 3 retries. */
  circuitBreakers: z
    .strictObject({
      maxConnections: z.int().min(0).optional(),
      maxPendingRequests: z.int().min(0).optional(),
      maxRequests: z.int().min(0).optional(),
      maxRetries: z.int().min(0).optional(),
    })
    .optional(),
  connectionPool: z
    .strictObject({
      /** Default: the mesh's. */
      connectTimeout: durationField.optional(),
      /** Default: no limit. */
      maxRequestsPerConnection: z.int().min(1).optional(),
      /** A connection without requests is closed after this. Default: 1h. */
      idleTimeout: durationField.optional(),
    })
    .optional(),
  /** Active checks. Default: none. */
  healthCheck: z
    .strictObject({
      /** An HTTP path; without it, a TCP connection is enough (a gRPC health check where the port is gRPC). */
      path: pathField.optional(),
      /** Default: 5s. */
      interval: durationField.optional(),
      /** Default: 1s. */
      timeout: durationField.optional(),
      /** Default: 1. */
      healthyThreshold: z.int().min(1).optional(),
      /** Default: 3. */
      unhealthyThreshold: z.int().min(1).optional(),
    })
    .optional(),
  /**
   * Where requests go, by the locality of the workloads' nodes: entries with the lowest priority first, the next when too
   * few of those are healthy; among equals by weight. The first entry that fits counts; workloads that none fits come last.
   * Default: all are equal.
   */
  localities: z
    .array(
      locality.extend({
        /** Default: 0. */
        priority: z.int().min(0).max(15).optional(),
        /** Default: 1. */
        weight: z.int().min(1).max(10_000).optional(),
      }),
    )
    .min(1)
    .max(64)
    .optional(),
});
