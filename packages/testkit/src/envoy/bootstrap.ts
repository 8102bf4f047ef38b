import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Any, anyPack, DurationSchema } from "@bufbuild/protobuf/wkt";
import {
  type Bootstrap,
  Bootstrap_DynamicResourcesSchema,
  type Bootstrap_StaticResourcesSchema,
  BootstrapSchema,
} from "@rxds/envoy-api/envoy/config/bootstrap/v3/bootstrap";
import { type Cluster, Cluster_DiscoveryType, ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import type { DataSourceSchema, NodeSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import {
  ApiConfigSource_ApiType,
  ApiVersion,
  type ConfigSourceSchema,
} from "@rxds/envoy-api/envoy/config/core/v3/config_source";
import { UpstreamTlsContextSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/tls";
import { HttpProtocolOptionsSchema } from "@rxds/envoy-api/envoy/extensions/upstreams/http/v3/http_protocol_options";
import { addressOf, needsDns } from "./address.js";

/** How Envoy proves who it is to the xDS server, and whom it trusts. All are paths of PEM files. */
export interface AdsTls {
  /** Certificates of the authorities that may have signed the server's certificate. */
  readonly ca: string;
  /** The client certificate. Default: none is sent. */
  readonly cert?: string;
  /** The client certificate's private key. */
  readonly key?: string;
  /** The server name that is sent (SNI). Default: none. It is not compared with the certificate. */
  readonly serverName?: string;
}

/** What an Envoy is started with. */
export interface BootstrapOptions {
  /**
   * The xDS server: `"127.0.0.1:18000"`, `"[::1]:18000"`, `"localhost:18000"` or `"unix:/path"`. Default: none, and
   * Envoy runs on `staticResources` alone.
   */
  readonly ads?: string;
  /** The variant of the protocol that Envoy speaks: incremental or state of the world. Default `delta`. */
  readonly mode?: "delta" | "sotw";
  /** TLS for the connection to the xDS server. Default: plain text. */
  readonly tls?: AdsTls;
  /** Who this Envoy says it is. Default: id `envoy`, cluster `test`. */
  readonly node?: MessageInitShape<typeof NodeSchema>;
  /** Listeners, clusters and secrets of the bootstrap itself. Default: none but the cluster `xds` when `ads` is set. */
  readonly staticResources?: MessageInitShape<typeof Bootstrap_StaticResourcesSchema>;
  /** May change the finished bootstrap before it is written. */
  readonly bootstrap?: (bootstrap: Bootstrap) => void;
}

/** The name of the bootstrap cluster that leads to the xDS server. */
export const XDS_CLUSTER = "xds";

/** The bootstrap for the given options: admin at `adminAddress`, and one aggregated stream for LDS and CDS. */
export function envoyBootstrap(options: BootstrapOptions, adminAddress = "127.0.0.1:0"): Bootstrap {
  const { ads, mode = "delta", node = {}, staticResources } = options;
  const bootstrap = create(BootstrapSchema, {
    node,
    admin: { address: addressOf(adminAddress) },
    staticResources: staticResources ?? {},
  });
  bootstrap.node!.id ||= "envoy";
  bootstrap.node!.cluster ||= "test";
  if (ads !== undefined) {
    bootstrap.staticResources!.clusters.push(xdsCluster(ads, options.tls));
    const fromAds: MessageInitShape<typeof ConfigSourceSchema> = {
      configSourceSpecifier: { case: "ads", value: {} },
      resourceApiVersion: ApiVersion.V3,
    };
    bootstrap.dynamicResources = create(Bootstrap_DynamicResourcesSchema, {
      adsConfig: {
        apiType: mode === "delta" ? ApiConfigSource_ApiType.DELTA_GRPC : ApiConfigSource_ApiType.GRPC,
        transportApiVersion: ApiVersion.V3,
        setNodeOnFirstMessageOnly: true,
        grpcServices: [{ targetSpecifier: { case: "envoyGrpc", value: { clusterName: XDS_CLUSTER } } }],
      },
      cdsConfig: fromAds,
      ldsConfig: fromAds,
    });
  }
  options.bootstrap?.(bootstrap);
  return bootstrap;
}

function xdsCluster(ads: string, tls: AdsTls | undefined): Cluster {
  const address = addressOf(ads);
  const http2 = create(HttpProtocolOptionsSchema, {
    upstreamProtocolOptions: {
      case: "explicitHttpConfig",
      value: {
        protocolConfig: {
          case: "http2ProtocolOptions",
          value: { connectionKeepalive: { interval: seconds(30), timeout: seconds(5) } },
        },
      },
    },
  });
  return create(ClusterSchema, {
    name: XDS_CLUSTER,
    clusterDiscoveryType: {
      case: "type",
      value: needsDns(address) ? Cluster_DiscoveryType.STRICT_DNS : Cluster_DiscoveryType.STATIC,
    },
    typedExtensionProtocolOptions: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": anyPack(HttpProtocolOptionsSchema, http2),
    },
    loadAssignment: {
      clusterName: XDS_CLUSTER,
      endpoints: [{ lbEndpoints: [{ hostIdentifier: { case: "endpoint", value: { address } } }] }],
    },
    ...(tls === undefined
      ? {}
      : {
          transportSocket: {
            name: "envoy.transport_sockets.tls",
            configType: { case: "typedConfig", value: upstreamTls(tls) },
          },
        }),
  });
}

function upstreamTls({ ca, cert, key, serverName }: AdsTls): Any {
  const context = create(UpstreamTlsContextSchema, {
    sni: serverName ?? "",
    commonTlsContext: {
      alpnProtocols: ["h2"],
      validationContextType: { case: "validationContext", value: { trustedCa: file(ca) } },
      tlsCertificates:
        cert === undefined || key === undefined ? [] : [{ certificateChain: file(cert), privateKey: file(key) }],
    },
  });
  return anyPack(UpstreamTlsContextSchema, context);
}

function file(path: string): MessageInitShape<typeof DataSourceSchema> {
  return { specifier: { case: "filename", value: path } };
}

function seconds(value: number) {
  return create(DurationSchema, { seconds: BigInt(value) });
}
