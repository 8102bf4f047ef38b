import { register } from "@grpc/grpc-js-xds";
import { apiListener, createSnapshot, edit, edsCluster, endpoints, routes, serveXds } from "rxds";
import { BehaviorSubject } from "rxjs";
import { greeterClient, startGreeter } from "./greeter.js";

const { XDS_ADDRESS = "127.0.0.1:18000" } = process.env;

// Two servers of one service.
const blue = await startGreeter("blue");
const green = await startGreeter("green");

// gRPC clients want a locality and a weight for each group of endpoints.
const group = (address: string) => [{ locality: {}, weight: 1, endpoints: [address] }];

// What a gRPC client asks for one by one: the listener of its target, its routes, their cluster, its endpoints.
const snapshot$ = new BehaviorSubject(
  createSnapshot([
    apiListener({ name: "greeter", routeConfig: "greeter" }),
    routes("greeter", { "/": "blue" }),
    edsCluster({ name: "blue" }),
    endpoints("blue", group(blue.address)),
    edsCluster({ name: "green" }),
    endpoints("green", group(green.address)),
  ]),
);
const server = await serveXds({ address: XDS_ADDRESS, snapshots: snapshot$ });
server.events$.subscribe(({ kind, detail }) => console.log(`${kind}: ${detail}`));

// A gRPC client, usually in another process. Its bootstrap says where the control plane is.
process.env.GRPC_XDS_BOOTSTRAP_CONFIG = JSON.stringify({
  xds_servers: [{ server_uri: server.address, channel_creds: [{ type: "insecure" }], server_features: ["xds_v3"] }],
  node: { id: "client-1", locality: {} },
});
register();
const client = greeterClient("xds:///greeter");

const first = await client.greet("one");
console.log(`answer: ${first}`);

// Another route is another server, without a call that fails.
snapshot$.next(edit(snapshot$.value, (draft) => draft.set(routes("greeter", { "/": "green" }))));
let answer = first;
while (answer === first) answer = await client.greet("one");
console.log(`answer: ${answer}`);

client.close();
await server.close();
blue.stop();
green.stop();
// The xDS client that the channels of a process share keeps it running for a while after the last one.
process.exit();
