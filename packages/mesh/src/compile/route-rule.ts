import { create } from "@bufbuild/protobuf";
import { type HeaderChanges, route, typedConfig } from "@rxds/core";
import { MetadataSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import type { Route as XdsRoute } from "@rxds/envoy-api/envoy/config/route/v3/route_components";
import { HTTPFaultSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/fault/v3/fault";
import { FilterStateMatcherSchema } from "@rxds/envoy-api/envoy/type/matcher/v3/filter_state";
import { fullName, type Route } from "../model/document.js";
import { duration } from "./duration.js";
import { metadata } from "./metadata.js";
import { fraction } from "./percent.js";
import { type ActionContext, addMirror, addRedirectRest, ruleAction } from "./route-action.js";
import { matchSpec } from "./route-match.js";
import { absoluteSources } from "./source.js";
import { sourceMatchers } from "./source-match.js";

/** The name of the HTTP filter that makes trouble on purpose. */
export const FAULT = "envoy.filters.http.fault";

type Rule = Route["spec"]["rules"][number];

/** The routes of Envoy for one document, for the port that was dialed. */
export function documentRoutes(context: ActionContext): XdsRoute[] {
  const { document } = context;
  const sources = absoluteSources(document.spec.from, document) ?? [undefined];
  return document.spec.rules.flatMap((rule, i) =>
    (rule.matches ?? [{}]).flatMap((match) =>
      sources.map((source) => {
        const at = `spec.rules[${i}]`;
        const built = route({
          ...matchSpec(match),
          ...ruleAction(rule, match, at, context),
          requestHeaders: headerChanges(rule.requestHeaders),
          responseHeaders: headerChanges(rule.responseHeaders),
          name: `${fullName(document)}[${i}]`,
        });
        if (source !== undefined) {
          built.match!.filterState = sourceMatchers(source).map((init) => create(FilterStateMatcherSchema, init));
        }
        addHashPolicies(built, context);
        addMirror(built, rule, at, context);
        addRedirectRest(built, rule, match);
        addFault(built, rule);
        return labelled(built, context.port.service);
      }),
    ),
  );
}

/** Puts in what the balancers of the clusters that a route leads to look at. */
export function addHashPolicies(built: XdsRoute, { hash }: Pick<ActionContext, "hash">): void {
  if (built.action.case !== "route") return;
  const target = built.action.value.clusterSpecifier;
  const clusters =
    target.case === "weightedClusters"
      ? target.value.clusters.map(({ name }) => name)
      : target.case === "cluster"
        ? [target.value]
        : [];
  built.action.value.hashPolicy = clusters.flatMap((cluster) => hash(cluster) ?? []);
}

/** A route that says which service was dialed. */
export function labelled(built: XdsRoute, service: string): XdsRoute {
  built.metadata = create(MetadataSchema, metadata({ service }));
  return built;
}

function headerChanges(changes: Rule["requestHeaders"]): HeaderChanges {
  const { set, add, remove } = changes ?? {};
  return {
    ...(set === undefined ? {} : { set }),
    ...(add === undefined ? {} : { add }),
    ...(remove === undefined ? {} : { remove }),
  };
}

function addFault(built: XdsRoute, { fault }: Rule): void {
  if (fault === undefined) return;
  const { delay, abort } = fault;
  built.typedPerFilterConfig[FAULT] = typedConfig(HTTPFaultSchema, {
    ...(delay === undefined
      ? {}
      : {
          delay: {
            faultDelaySecifier: { case: "fixedDelay", value: duration(delay.duration) },
            percentage: fraction(delay.percent),
          },
        }),
    ...(abort === undefined
      ? {}
      : {
          abort: { errorType: { case: "httpStatus", value: abort.status }, percentage: fraction(abort.percent) },
        }),
  });
}
