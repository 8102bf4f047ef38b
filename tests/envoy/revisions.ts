import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import {
  ClustersConfigDumpSchema,
  EcdsConfigDumpSchema,
  EndpointsConfigDumpSchema,
  ListenersConfigDumpSchema,
  RoutesConfigDumpSchema,
} from "@rxds/envoy-api/envoy/admin/v3/config_dump_shared";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { TypedExtensionConfigSchema } from "@rxds/envoy-api/envoy/config/core/v3/extension";
import { ClusterLoadAssignmentSchema } from "@rxds/envoy-api/envoy/config/endpoint/v3/endpoint";
import { ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { RouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import { type HTTPFault, HTTPFaultSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/fault/v3/fault";
import type { Envoy } from "@rxds/testkit";
import { typeUrls } from "rxds";
import { subjectShown } from "./subject-shown.js";

/**
 * Which revision of each resource of a type is in force in Envoy, by name. Its dump of the configuration tells, but not of
 * secrets: there it shows also what it has rejected.
 */
export async function revisions(envoy: Envoy, typeUrl: string): Promise<Record<string, string>> {
  if (typeUrl === typeUrls.secret) return certificatesShown(envoy);
  const { configs } = await envoy.configDump();
  const read = readers[typeUrl];
  if (read === undefined) throw new Error(`no revisions of ${typeUrl}`);
  return Object.fromEntries(read(configs).sort());
}

/** The common name of the certificate that each listener with TLS shows; a listener is named as its secret is. */
async function certificatesShown(envoy: Envoy): Promise<Record<string, string>> {
  const { listenerStatuses } = await envoy.listeners();
  const names = listenerStatuses.map(({ name }) => name);
  const shown = await Promise.all(
    names.map(
      async (name) => [name, await subjectShown(await envoy.listenerAddress(name)).catch(() => undefined)] as const,
    ),
  );
  return Object.fromEntries(shown.flatMap(([name, subject]) => (subject === undefined ? [] : [[name, subject]])));
}

type Entry = [name: string, revision: string];

/** What carries the revision: a field that Envoy repeats and that changes nothing. */
const readers: Readonly<Record<string, (configs: readonly Any[]) => Entry[]>> = {
  [typeUrls.cluster]: (configs) =>
    all(configs, ClustersConfigDumpSchema)
      .flatMap(({ dynamicActiveClusters }) => dynamicActiveClusters)
      .flatMap(({ cluster }) => one(cluster, ClusterSchema))
      .map(({ name, altStatName }) => [name, altStatName]),
  [typeUrls.endpoints]: (configs) =>
    all(configs, EndpointsConfigDumpSchema)
      .flatMap(({ dynamicEndpointConfigs }) => dynamicEndpointConfigs)
      .flatMap(({ endpointConfig }) => one(endpointConfig, ClusterLoadAssignmentSchema))
      .map(({ clusterName, endpoints }) => [clusterName, endpoints[0]?.locality?.zone ?? ""]),
  [typeUrls.listener]: (configs) =>
    all(configs, ListenersConfigDumpSchema)
      .flatMap(({ dynamicListeners }) => dynamicListeners)
      .flatMap(({ activeState }) => one(activeState?.listener, ListenerSchema))
      .map(({ name, statPrefix }) => [name, statPrefix]),
  [typeUrls.routes]: (configs) =>
    all(configs, RoutesConfigDumpSchema)
      .flatMap(({ dynamicRouteConfigs }) => dynamicRouteConfigs)
      .flatMap(({ routeConfig }) => one(routeConfig, RouteConfigurationSchema))
      .map(({ name, virtualHosts }) => [name, virtualHosts[0]?.name ?? ""]),
  [typeUrls.extensionConfig]: (configs) =>
    all(configs, EcdsConfigDumpSchema)
      .flatMap(({ ecdsFilters }) => ecdsFilters)
      .flatMap(({ ecdsFilter }) => one(ecdsFilter, TypedExtensionConfigSchema))
      .map(({ name, typedConfig }) => [name, one(typedConfig, HTTPFaultSchema).map(statusOf).join()]),
};

/** What a filter answers, as a revision. */
function statusOf({ abort }: HTTPFault): string {
  return abort?.errorType.case === "httpStatus" ? String(abort.errorType.value - 400) : "";
}

function all<D extends DescMessage>(configs: readonly Any[], schema: D): MessageShape<D>[] {
  return configs.flatMap((config) => one(config, schema));
}

function one<D extends DescMessage>(any: Any | undefined, schema: D): MessageShape<D>[] {
  const message = any === undefined ? undefined : anyUnpack(any, schema);
  return message === undefined ? [] : [message];
}
