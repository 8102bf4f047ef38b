import { create } from "@bufbuild/protobuf";
import {
  type DirectResponseAction,
  DirectResponseActionSchema,
} from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { BuilderError } from "./builder-error.js";

/** An answer that the proxy gives itself. */
export interface DirectResponseSpec {
  /** The status, from 200 to 599. */
  readonly status: number;
  /** The body; Envoy takes at most 4096 bytes by default. Default: none. */
  readonly body?: string;
}

/** A direct response from its short form. */
export function directResponse(spec: DirectResponseSpec, path: string): DirectResponseAction {
  const { status, body } = spec;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new BuilderError("invalid-status", `${path}.status`, "a status from 200 to 599", status);
  }
  return create(DirectResponseActionSchema, {
    status,
    body: body === undefined ? undefined : { specifier: { case: "inlineString", value: body } },
  });
}
