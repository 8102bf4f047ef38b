import type { MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { adsConfigSource, createResource, type Resource, typedConfig } from "@rxds/core";
import { TypedExtensionConfigSchema } from "@rxds/envoy-api/envoy/config/core/v3/extension";
import type { FilterSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener_components";
import { ActionSchema } from "@rxds/envoy-api/envoy/config/rbac/v3/rbac";
import type { FilterStateValueSchema } from "@rxds/envoy-api/envoy/extensions/filters/common/set_filter_state/v3/value";
import { RBACSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/rbac/v3/rbac";
import { ConfigSchema as SetFilterStateSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/set_filter_state/v3/set_filter_state";
import { SourceIPInputSchema } from "@rxds/envoy-api/envoy/extensions/matching/common_inputs/network/v3/network_inputs";
import type { Matcher_OnMatchSchema, MatcherSchema } from "@rxds/envoy-api/xds/type/matcher/v3/matcher";
import { fullName, type Workload } from "../model/document.js";
import { canonicalAddress } from "./names.js";
import { once } from "./once.js";

/*
 * Whose connection it is. A listener is shared by all callers, so it cannot know them; three network filters, whose
 * configuration comes over ECDS and is each proxy's own, look up the source address of a new connection. They are RBAC
 * filters with nothing but a shadow matcher: such a one refuses nothing, and leaves the name of the matched action in the
 * connection's metadata. From there it is put into filter state, which routes, policies, statistics and logs can read.
 */

/** The filter state that says who calls, and the names of the filters that find it out. */
export const SOURCE = {
  /** `"namespace/name"` of the calling workload. */
  workload: "rxds.source.workload",
  /** `"namespace/name"` of the first service that the calling workload is behind. */
  service: "rxds.source.service",
  /** The calling workload's labels: `";app=web;tier=front;"`. */
  labels: "rxds.source.labels",
} as const;

const KEYS = [SOURCE.workload, SOURCE.service, SOURCE.labels] as const;

/** The names of the ECDS resources that every listener's filters ask for. */
export const SOURCE_CONFIGS: readonly string[] = KEYS;

type FilterInit = MessageInitShape<typeof FilterSchema>;

/** The network filters that find out who calls, to stand before all others. */
export const sourceFilters = once((): FilterInit[] => [
  ...KEYS.map(
    (name): FilterInit => ({
      name,
      configType: {
        case: "configDiscovery",
        value: { configSource: adsConfigSource(), typeUrls: [`type.googleapis.com/${RBACSchema.typeName}`] },
      },
    }),
  ),
  {
    name: "rxds.source",
    configType: {
      case: "typedConfig",
      value: typedConfig(SetFilterStateSchema, {
        // The filters before it look at a connection when its first byte is there.
        onDownstreamData: KEYS.map(fromMetadata),
      }),
    },
  },
]);

function fromMetadata(key: string): MessageInitShape<typeof FilterStateValueSchema> {
  const text = { case: "textFormatSource", value: { specifier: { case: "inlineString", value: found(key) } } } as const;
  return {
    key: { case: "objectKey", value: key },
    factoryKey: "envoy.string",
    skipIfEmpty: true,
    value: { case: "formatString", value: { format: text, omitEmptyValues: true } },
  };
}

/** The format that reads what a filter found. */
const found = (key: string) =>
  `%DYNAMIC_METADATA(envoy.filters.network.rbac:${shadowPrefix(key)}shadow_effective_policy_id)%`;

const shadowPrefix = (key: string) => `${key.replaceAll(".", "_")}_`;

/** A workload that may call through a proxy, and what is to be known of it. */
export interface Caller {
  readonly workload: Workload;
  /** The first service, by name, that it is behind. */
  readonly service: string | undefined;
}

/** A workload's labels as one text, in which `;name=value;` is found if and only if it has that label. */
export function labelsText({ metadata }: Workload): string {
  const labels = Object.entries(metadata.labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return `;${labels.map(([name, value]) => `${name}=${value};`).join("")}`;
}

/** The configurations of the filters for a proxy that serves these callers, told apart by address. */
export function sourceConfigs(callers: readonly Caller[]): Resource[] {
  return KEYS.map((key) => config(key, callers));
}

/** The configurations of the filters for a proxy that serves this caller alone, whatever address it calls from. */
export function singleSourceConfigs(caller: Caller): Resource[] {
  return KEYS.map((key) => config(key, [caller], told(key, caller)));
}

function told(key: string, { workload, service }: Caller): string | undefined {
  if (key === SOURCE.workload) return fullName(workload);
  return key === SOURCE.service ? service : labelsText(workload);
}

type OnMatch = MessageInitShape<typeof Matcher_OnMatchSchema>;

function named(name: string): OnMatch {
  return { onMatch: { case: "action", value: { name: "named", typedConfig: typedConfig(ActionSchema, { name }) } } };
}

function config(key: string, callers: readonly Caller[], otherwise?: string): Resource {
  const map: Record<string, OnMatch> = {};
  for (const caller of callers) {
    const text = told(key, caller);
    if (text === undefined) continue;
    for (const address of caller.workload.spec.addresses) map[canonicalAddress(address)] = named(text);
  }
  const input = { name: "address", typedConfig: typedConfig(SourceIPInputSchema, {}) };
  const matcher: MessageInitShape<typeof MatcherSchema> = {
    matcherType: { case: "matcherTree", value: { input, treeType: { case: "exactMatchMap", value: { map } } } },
    ...(otherwise === undefined ? {} : { onNoMatch: named(otherwise) }),
  };
  const rbac = typedConfig(RBACSchema, {
    statPrefix: key,
    shadowRulesStatPrefix: shadowPrefix(key),
    // An empty map is not taken; without a matcher nobody is known.
    ...(Object.keys(map).length === 0 ? {} : { shadowMatcher: matcher }),
  });
  return createResource(create(TypedExtensionConfigSchema, { name: key, typedConfig: rbac }));
}
