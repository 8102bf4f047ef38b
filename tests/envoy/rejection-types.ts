import { create } from "@bufbuild/protobuf";
import { TypedExtensionConfigSchema } from "@rxds/envoy-api/envoy/config/core/v3/extension";
import { HTTPFaultSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/fault/v3/fault";
import { HttpFilterSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import {
  adsConfigSource,
  edsCluster,
  endpoints,
  httpListener,
  type ResourceItem,
  routes,
  staticCluster,
  tlsCertificate,
  typedConfig,
  typeUrlOf,
  typeUrls,
} from "rxds";
import { authority } from "../core/certificates.js";

/** How the resources of one type are made for tests of rejections. */
export interface RejectionType {
  readonly type: string;
  /** Whether Envoy asks for every resource of the type, so that one may be new. */
  readonly wildcard: boolean;
  /** What makes Envoy ask for the resource of that name. */
  readonly frame: (name: string) => readonly ResourceItem[];
  /** A good resource. Its revision is what `revisions` reads. */
  readonly good: (name: string, revision: string) => ResourceItem | Promise<ResourceItem>;
}

/** Signs the certificates. */
export const ca = await authority();

/** An address where nobody listens: nothing connects to it. */
export const NOBODY = "127.0.0.1:9";

const answer = { "/": { directResponse: { status: 200 } } };

const listener = (name: string, routeConfig: string) => httpListener({ name, port: 0, routeConfig });

/** A cluster without a host that answers. */
export function aCluster(name: string, revision: string) {
  const cluster = staticCluster({ name, endpoints: [NOBODY] });
  cluster.altStatName = revision;
  return cluster;
}

export const clusters: RejectionType = {
  type: typeUrls.cluster,
  wildcard: true,
  frame: () => [],
  good: aCluster,
};

export const endpointLists: RejectionType = {
  type: typeUrls.endpoints,
  wildcard: false,
  frame: (name) => [edsCluster({ name })],
  good: (name, revision) => endpoints(name, [{ locality: { zone: revision }, endpoints: [NOBODY] }]),
};

export const listeners: RejectionType = {
  type: typeUrls.listener,
  wildcard: true,
  frame: () => [],
  good(name, revision) {
    const message = httpListener({ name, port: 0, routes: answer });
    message.statPrefix = revision;
    return message;
  },
};

export const routeConfigs: RejectionType = {
  type: typeUrls.routes,
  wildcard: false,
  frame: (name) => [listener(name, name)],
  good: (name, revision) => routes(name, [{ name: revision, routes: answer }]),
};

export const extensionConfigs: RejectionType = {
  type: typeUrls.extensionConfig,
  wildcard: false,
  frame: (name) => [httpListener({ name, port: 0, routes: answer, httpFilters: [discovered(name)] })],
  good: (name, revision) => aborts(name, 400 + Number(revision)),
};

/** A filter whose configuration comes over xDS. */
function discovered(name: string) {
  const value = { configSource: adsConfigSource(), typeUrls: [typeUrlOf(HTTPFaultSchema)] };
  return create(HttpFilterSchema, { name, configType: { case: "configDiscovery", value } });
}

/** The configuration of a filter that answers every request with a status. */
export function aborts(name: string, httpStatus: number) {
  const abort = { errorType: { case: "httpStatus", value: httpStatus }, percentage: { numerator: 100 } } as const;
  return create(TypedExtensionConfigSchema, { name, typedConfig: typedConfig(HTTPFaultSchema, { abort }) });
}

export const secrets: RejectionType = {
  type: typeUrls.secret,
  wildcard: false,
  frame: (name) => [httpListener({ name, port: 0, routes: answer, tls: { certificate: name } })],
  good: async (name, revision) => tlsCertificate(name, await ca.issue(revision)),
};
