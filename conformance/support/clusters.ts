import { create, toBinary } from "@bufbuild/protobuf";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { CDS, clusterFields, type Item } from "./types.js";

/** A cluster whose endpoints have a name of their own. */
export function cluster(name: string, revision: number, serviceName: string): Item {
  const message = create(ClusterSchema, clusterFields(name, revision, serviceName));
  return { typeUrl: CDS.typeUrl, name, value: toBinary(ClusterSchema, message) };
}
