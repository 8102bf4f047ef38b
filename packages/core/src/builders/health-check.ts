import { create, isMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { type HealthCheck, HealthCheckSchema } from "@rxds/envoy-api/envoy/config/core/v3/health_check";
import { exactlyOne } from "./builder-error.js";
import { duration } from "./duration.js";

/** An active health check; exactly one of `http`, `tcp` and `grpc` says how. */
export interface HealthCheckSpec {
  /** A GET that must be answered with a status from 200 to 299. */
  readonly http?: {
    /** The path to get. */
    readonly path: string;
    /** The Host header. Default: the cluster's name. */
    readonly host?: string;
  };
  /** A connection that must come about. */
  readonly tcp?: true;
  /** The gRPC health checking protocol. Needs a cluster that speaks HTTP/2. */
  readonly grpc?: {
    /** The service that is asked about. Default: the server as a whole. */
    readonly serviceName?: string;
  };
  /** Time between checks, in milliseconds. Default: 5000. */
  readonly intervalMs?: number;
  /** Time for an answer, in milliseconds. Default: 1000. */
  readonly timeoutMs?: number;
  /** Good answers in a row that make an endpoint healthy again. Default: 2. */
  readonly healthyThreshold?: number;
  /** Bad answers in a row that make an endpoint unhealthy. Default: 3. */
  readonly unhealthyThreshold?: number;
}

/** A health check from its short form; a message is passed through. */
export function healthCheck(spec: HealthCheckSpec | HealthCheck, path: string): HealthCheck {
  if (isMessage(spec, HealthCheckSchema)) return spec;
  return create(HealthCheckSchema, {
    interval: duration(spec.intervalMs ?? 5000, `${path}.intervalMs`),
    timeout: duration(spec.timeoutMs ?? 1000, `${path}.timeoutMs`),
    healthyThreshold: spec.healthyThreshold ?? 2,
    unhealthyThreshold: spec.unhealthyThreshold ?? 3,
    healthChecker: checker(spec, path),
  });
}

type Checker = NonNullable<Exclude<MessageInitShape<typeof HealthCheckSchema>, HealthCheck>["healthChecker"]>;

function checker(spec: HealthCheckSpec, path: string): Checker {
  switch (exactlyOne(spec, ["http", "tcp", "grpc"], path)) {
    case "http":
      return { case: "httpHealthCheck", value: { path: spec.http?.path ?? "", host: spec.http?.host ?? "" } };
    case "tcp":
      return { case: "tcpHealthCheck", value: {} };
    case "grpc":
      return { case: "grpcHealthCheck", value: { serviceName: spec.grpc?.serviceName ?? "" } };
  }
}
