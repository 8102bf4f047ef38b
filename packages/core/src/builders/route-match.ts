import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type HeaderMatcher,
  HeaderMatcherSchema,
  type QueryParameterMatcher,
  QueryParameterMatcherSchema,
  type RouteMatch,
  RouteMatchSchema,
} from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { BuilderError, exactlyOne } from "./builder-error.js";
import { sortedEntries } from "./sorted-entries.js";
import { type StringMatch, stringMatcher } from "./string-match.js";

/** Which requests a route takes. At most one of the four forms of path is given; without one, every path matches. */
export interface RouteMatchSpec {
  /** Paths that begin so: `"/api"` matches `/api`, `/api/v1` and `/apiary`. */
  readonly prefix?: string;
  /** Exactly this path. */
  readonly path?: string;
  /** A regular expression in RE2 syntax that matches the whole path, without the query. */
  readonly regex?: string;
  /** This path and everything below it: `"/api"` matches `/api` and `/api/v1` but not `/apiary`. No `/` at the end. */
  readonly pathSeparatedPrefix?: string;
  /** Whether case matters in paths; not for `regex`. Default: true. */
  readonly caseSensitive?: boolean;
  /** Methods, such as `"GET"` or `["GET", "HEAD"]`. Default: any. */
  readonly methods?: string | readonly string[];
  /** Headers that must match, all of them; `true`: present, `false`: absent. Default: any. */
  readonly headers?: Readonly<Record<string, StringMatch | boolean>>;
  /** Query parameters that must match, all of them; `true`: present. Default: any. */
  readonly query?: Readonly<Record<string, StringMatch | true>>;
}

type PathSpecifier = NonNullable<Exclude<MessageInitShape<typeof RouteMatchSchema>, RouteMatch>["pathSpecifier"]>;

const pathForms = ["prefix", "path", "regex", "pathSeparatedPrefix"] as const;

/** A route match from its short form. */
export function routeMatch(spec: RouteMatchSpec, path: string): RouteMatch {
  const headers = sortedEntries(spec.headers ?? {});
  return create(RouteMatchSchema, {
    pathSpecifier: pathSpecifier(spec, path),
    caseSensitive: spec.caseSensitive,
    headers: [
      ...(spec.methods === undefined ? [] : [methodMatcher([spec.methods].flat(), `${path}.methods`)]),
      ...headers.map(([name, match]) => headerMatcher(name, match, `${path}.headers[${JSON.stringify(name)}]`)),
    ],
    queryParameters: sortedEntries(spec.query ?? {}).map(([name, match]) =>
      queryMatcher(name, match, `${path}.query[${JSON.stringify(name)}]`),
    ),
  });
}

function pathSpecifier(spec: RouteMatchSpec, path: string): PathSpecifier {
  if (pathForms.every((form) => spec[form] === undefined)) return { case: "prefix", value: "/" };
  const form = exactlyOne(spec, pathForms, path);
  const value = spec[form] ?? "";
  if (form === "regex") return { case: "safeRegex", value: { regex: value } };
  if (!value.startsWith("/")) {
    throw new BuilderError("invalid-path", `${path}.${form}`, 'a path that begins with "/"', value);
  }
  if (form === "pathSeparatedPrefix" && /[?#]|\/$/.test(value)) {
    throw new BuilderError("invalid-path", `${path}.${form}`, 'a path without "?", "#" and a "/" at the end', value);
  }
  return { case: form, value };
}

function methodMatcher(methods: readonly string[], path: string): HeaderMatcher {
  const illegal = methods.find((method) => !/^[A-Z][A-Z-]*$/.test(method));
  if (methods.length === 0 || illegal !== undefined) {
    throw new BuilderError("invalid-match", path, "methods in capital letters", illegal ?? "none");
  }
  const match = methods.length === 1 ? (methods[0] ?? "") : { regex: methods.join("|") };
  return headerMatcher(":method", match, path);
}

function headerMatcher(name: string, match: StringMatch | boolean, path: string): HeaderMatcher {
  return create(HeaderMatcherSchema, {
    name,
    headerMatchSpecifier:
      typeof match === "boolean"
        ? { case: "presentMatch", value: match }
        : { case: "stringMatch", value: stringMatcher(match, path) },
  });
}

function queryMatcher(name: string, match: StringMatch | true, path: string): QueryParameterMatcher {
  return create(QueryParameterMatcherSchema, {
    name,
    queryParameterMatchSpecifier:
      match === true
        ? { case: "presentMatch", value: true }
        : { case: "stringMatch", value: stringMatcher(match, path) },
  });
}
