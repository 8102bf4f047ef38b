// Compiled only: each expected error must be one, or the compiler says so.
import { create } from "@bufbuild/protobuf";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { of } from "rxjs";
import { createSnapshot, edit, edsCluster, endpoints, httpListener, keyed, routes } from "./index.js";

createSnapshot([edsCluster({ name: "a" }), create(ClusterSchema, { name: "b" })]);
// @ts-expect-error a field that a cluster has not
create(ClusterSchema, { nmae: "b" });
// @ts-expect-error a wrong type
create(ClusterSchema, { name: 7 });
// @ts-expect-error an option that the builder has not
edsCluster({ name: "a", conectTimeoutMs: 5 });
// @ts-expect-error a cluster needs a name
edsCluster({});
// @ts-expect-error endpoints are a list
endpoints("a", "127.0.0.1:80");
// @ts-expect-error a listener needs a port
httpListener({ name: "l", routeConfig: "r" });
// @ts-expect-error a route needs somewhere to go
routes("r", { "/": 7 });
// @ts-expect-error a snapshot is made of messages and resources
createSnapshot(["cluster"]);
// @ts-expect-error resources are immutable
createSnapshot().get("type", "name")!.version = "x";
edit(createSnapshot(), (draft) => {
  // @ts-expect-error a draft takes resources
  draft.set({ name: "a" });
});
// @ts-expect-error keyed builds resources
keyed(of([1]), String, () => ["x"]);
