import { create } from "@bufbuild/protobuf";
import {
  RedirectAction_RedirectResponseCode as Code,
  type RedirectAction,
  RedirectActionSchema,
} from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { portNumber } from "./address.js";
import { BuilderError } from "./builder-error.js";

/** Sends the client to another URL; what is not given stays as it was requested. */
export interface RedirectSpec {
  /** Whether the scheme becomes `https`. Default: false. */
  readonly https?: boolean;
  /** The host, without a port. */
  readonly host?: string;
  /** The port. */
  readonly port?: number;
  /** The path, and the query when it has one. Not with `prefixRewrite`. */
  readonly path?: string;
  /** What takes the place of the matched prefix. Not with `path`. */
  readonly prefixRewrite?: string;
  /** The status. Default: 301. */
  readonly status?: 301 | 302 | 303 | 307 | 308;
  /** Whether the query is left out. Default: false. */
  readonly stripQuery?: boolean;
}

const codes = {
  301: Code.MOVED_PERMANENTLY,
  302: Code.FOUND,
  303: Code.SEE_OTHER,
  307: Code.TEMPORARY_REDIRECT,
  308: Code.PERMANENT_REDIRECT,
};

/** A redirect from its short form. */
export function redirect(spec: RedirectSpec, path: string): RedirectAction {
  if (spec.path !== undefined && spec.prefixRewrite !== undefined) {
    throw new BuilderError("conflicting-options", path, "only one of path, prefixRewrite");
  }
  return create(RedirectActionSchema, {
    schemeRewriteSpecifier: spec.https ? { case: "httpsRedirect", value: true } : { case: undefined },
    hostRedirect: spec.host ?? "",
    portRedirect: spec.port === undefined ? 0 : portNumber(spec.port, `${path}.port`, 1),
    pathRewriteSpecifier: pathRewrite(spec),
    responseCode: codes[spec.status ?? 301],
    stripQuery: spec.stripQuery ?? false,
  });
}

function pathRewrite(spec: RedirectSpec): RedirectAction["pathRewriteSpecifier"] {
  if (spec.path !== undefined) return { case: "pathRedirect", value: spec.path };
  if (spec.prefixRewrite !== undefined) return { case: "prefixRewrite", value: spec.prefixRewrite };
  return { case: undefined };
}
