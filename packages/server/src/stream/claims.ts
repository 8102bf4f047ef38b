import { fromBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { type Resource, typeUrls } from "@rxds/core";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { noteUnknown } from "../hitless/ready.js";
import type { XdsStream } from "./stream.js";
import type { Subscription } from "./subscription.js";

/** Clusters that a client said it holds as they are, and the commit at which it said so. */
export interface Claims {
  readonly ids: ReadonlySet<number>;
  readonly seq: number;
}

/**
 * A client that came back says that it holds those. A cluster that was taken away in a response which the client rejected, it says it
 * holds, and has it no more: that shows by the endpoints that it asks for.
 */
export function claim({ stream, type }: Subscription, ids: ReadonlySet<number>): void {
  if (type.typeUrl !== typeUrls.cluster || stream.typeUrl !== undefined) return;
  stream.claims = { ids, seq: stream.seq() };
  if (stream.subscriptions.has(typeUrls.endpoints)) verifyClaims(stream);
}

/**
 * The client has said which endpoints it asks for, and it asks for those of all clusters that it has: what it claims to hold
 * without that is sent again.
 */
export function verifyClaims(stream: XdsStream): void {
  const clusters = stream.subscriptions.get(typeUrls.cluster);
  const endpoints = stream.subscriptions.get(typeUrls.endpoints);
  const { claims } = stream;
  if (clusters === undefined || endpoints === undefined || claims === undefined) return;
  stream.claims = undefined;
  const asksFor = (name: string) => {
    const id = endpoints.index.table.idOf(name);
    return endpoints.wildcard || (id !== undefined && endpoints.set.members.has(id));
  };
  for (const id of claims.ids) {
    const resource = clusters.set.resource(id);
    // What has changed since goes out anyway, and its id may be another one's by now.
    if (resource === undefined || clusters.set.changedAt(id) > claims.seq) continue;
    const lacks = resource.references?.some(({ type, name }) => type === typeUrls.endpoints && !asksFor(name));
    if (!lacks || !isFedHere(resource)) continue;
    clusters.owe(id);
    noteUnknown(clusters, id);
  }
  if (clusters.owed !== undefined) stream.hooks.loop.queue(clusters);
}

const fedHere = new WeakMap<Resource, boolean>();

/** Whether a cluster takes its endpoints from the stream that it came by itself. */
function isFedHere(cluster: Resource): boolean {
  let is = fedHere.get(cluster);
  if (is === undefined) {
    const { edsClusterConfig } = fromBinary(ClusterSchema, fromBinary(AnySchema, cluster.body).value);
    const from = edsClusterConfig?.edsConfig?.configSourceSpecifier.case;
    is = from === "ads" || from === "self";
    fedHere.set(cluster, is);
  }
  return is;
}
