import { z } from "zod";
import {
  durationField,
  headerNameField,
  pathField,
  portField,
  positiveDurationField,
  serviceField,
  UINT32,
} from "./fields.js";

const locality = z.strictObject({
  region: z.string().min(1).max(253).optional().describe("Workloads on nodes of this region. Default: of any."),
  zone: z.string().min(1).max(253).optional().describe("Workloads on nodes of this zone. Default: of any."),
});

/** The `spec` of a TrafficPolicy. */
export const trafficPolicySpec = z
  .strictObject({
    service: serviceField.describe("The service that this is about."),
    ports: z.array(portField).min(1).optional().describe("Its ports that this is about. Default: all."),
    loadBalancing: z
      .strictObject({
        policy: z
          .enum(["roundRobin", "leastRequest", "random", "ringHash", "maglev"])
          .optional()
          .describe("How a workload is chosen. Default: `roundRobin`."),
        hash: z
          .union([
            z.strictObject({ header: headerNameField.describe("The name of a request's header.") }),
            z.strictObject({
              cookie: headerNameField.describe("The name of a cookie."),
              ttl: durationField
                .optional()
                .describe("Clients without the cookie get one for so long. Default: they get none."),
            }),
            z.strictObject({ sourceAddress: z.literal(true).describe("The address that the connection comes from.") }),
          ])
          .optional()
          .describe("What `ringHash` and `maglev` look at. Default: the source address."),
      })
      .optional()
      .describe("Which workload gets a request. Default: each in turn."),
    outlierDetection: z
      .strictObject({
        consecutiveErrors: z
          .int()
          .min(1)
          .max(UINT32)
          .optional()
          .describe("So many 5xx answers or failed connections in a row. Default: 5."),
        interval: positiveDurationField.optional().describe("Between two looks. Default: 10s."),
        baseEjection: positiveDurationField
          .optional()
          .describe("The first time out; it grows with each. Default: 30s."),
        maxEjectionPercent: z.int().min(0).max(100).optional().describe("Of all workloads, at most. Default: 10."),
      })
      .optional()
      .describe("Workloads that fail are left out for a while. Default: none are."),
    circuitBreakers: z
      .strictObject({
        maxConnections: z.int().min(0).max(UINT32).optional().describe("Connections at a time. Default: 1024."),
        maxPendingRequests: z
          .int()
          .min(0)
          .max(UINT32)
          .optional()
          .describe("Requests that wait for a connection. Default: 1024."),
        maxRequests: z.int().min(0).max(UINT32).optional().describe("Requests at a time. Default: 1024."),
        maxRetries: z.int().min(0).max(UINT32).optional().describe("Retries at a time. Default: 3."),
      })
      .optional()
      .describe("Limits of each proxy. Default: those of Envoy."),
    connectionPool: z
      .strictObject({
        connectTimeout: positiveDurationField
          .optional()
          .describe("Time to connect to a workload. Default: the mesh's."),
        maxRequestsPerConnection: z
          .int()
          .min(1)
          .max(UINT32)
          .optional()
          .describe("Requests until a connection is closed. Default: no limit."),
        idleTimeout: durationField
          .optional()
          .describe("A connection without requests is closed after this. Default: 1h."),
      })
      .optional()
      .describe("Connections to workloads."),
    healthCheck: z
      .strictObject({
        path: pathField
          .optional()
          .describe(
            "An HTTP path. Default: none; a TCP connection is enough (a gRPC health check where the port is gRPC).",
          ),
        interval: positiveDurationField.optional().describe("Between two checks. Default: 5s."),
        timeout: positiveDurationField.optional().describe("Time for an answer. Default: 1s."),
        healthyThreshold: z
          .int()
          .min(1)
          .max(UINT32)
          .optional()
          .describe("So many good checks in a row make it healthy. Default: 1."),
        unhealthyThreshold: z
          .int()
          .min(1)
          .max(UINT32)
          .optional()
          .describe("So many bad checks in a row make it unhealthy. Default: 3."),
      })
      .optional()
      .describe("Active checks. Default: none."),
    localities: z
      .array(
        locality.extend({
          priority: z.int().min(0).max(15).optional().describe("The lowest goes first. Default: 0."),
          weight: z
            .int()
            .min(1)
            .max(10_000)
            .optional()
            .describe("Its share among those of equal priority. Default: 1."),
        }),
      )
      .min(1)
      .max(64)
      .optional()
      .describe(
        "Where requests go, by the locality of the workloads' nodes: entries with the lowest priority first, the next when too few of those are healthy; among equals by weight. The first entry that fits counts; workloads that none fits come last. Default: all are equal.",
      ),
  })
  .describe("How a service's workloads are reached.");
