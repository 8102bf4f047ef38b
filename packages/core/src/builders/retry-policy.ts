import { create, isMessage } from "@bufbuild/protobuf";
import { type RetryPolicy, RetryPolicySchema } from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { BuilderError } from "./builder-error.js";
import { duration } from "./duration.js";

/** When and how a request is tried again. */
export interface RetrySpec {
  /** Envoy's conditions, such as `"5xx"`, `"connect-failure,reset"` or `["5xx", "retriable-status-codes"]`. */
  readonly on: string | readonly string[];
  /** How many times more. Default: 1. */
  readonly count?: number;
  /** Time for each try, in milliseconds. Default: the route's timeout. */
  readonly perTryTimeoutMs?: number;
  /** Waiting between tries, in milliseconds: random, up to `baseMs`, twice that, … up to `maxMs`. */
  readonly backoff?: {
    /** Default: 25. */
    readonly baseMs?: number;
    /** Default: ten times `baseMs`. */
    readonly maxMs?: number;
  };
  /** Status codes that count for the condition `"retriable-status-codes"`, which is added to `on`. Default: none. */
  readonly statusCodes?: readonly number[];
}

const STATUS_CODES = "retriable-status-codes";

/** A retry policy from its short form; a message is passed through. */
export function retryPolicy(spec: RetrySpec | RetryPolicy | undefined, path: string): RetryPolicy | undefined {
  if (spec === undefined || isMessage(spec, RetryPolicySchema)) return spec;
  const { count, backoff, statusCodes = [] } = spec;
  const conditions = [spec.on].flat().flatMap((part) => part.split(",").map((condition) => condition.trim()));
  if (statusCodes.length > 0 && !conditions.includes(STATUS_CODES)) conditions.push(STATUS_CODES);
  if (conditions.length === 0 || conditions.includes("")) {
    throw new BuilderError("missing-option", `${path}.on`, 'conditions such as "5xx" or "connect-failure"');
  }
  return create(RetryPolicySchema, {
    retryOn: conditions.join(","),
    numRetries: count,
    perTryTimeout: duration(spec.perTryTimeoutMs, `${path}.perTryTimeoutMs`),
    retryBackOff: backoff && {
      baseInterval: duration(backoff.baseMs ?? 25, `${path}.backoff.baseMs`),
      maxInterval: duration(backoff.maxMs, `${path}.backoff.maxMs`),
    },
    retriableStatusCodes: [...statusCodes],
  });
}
