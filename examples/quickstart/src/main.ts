import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { createSnapshot, edit, edsCluster, endpoints, httpListener, routes, serveXds } from "rxds";
import { BehaviorSubject } from "rxjs";

const { XDS_ADDRESS = "127.0.0.1:18000", INGRESS_PORT = "10000" } = process.env;

// Two servers to route to. Yours exist already.
const blue = await startServer("blue");
const green = await startServer("green");

// All that Envoy shall know, as typed messages.
const snapshot$ = new BehaviorSubject(
  createSnapshot([
    edsCluster({ name: "hello" }),
    endpoints("hello", [blue]),
    httpListener({ name: "ingress", port: Number(INGRESS_PORT), routeConfig: "main" }),
    routes("main", { "/": "hello" }),
  ]),
);

// The control plane: what is emitted next is compared with what is in force, and the difference is sent.
const server = await serveXds({ address: XDS_ADDRESS, snapshots: snapshot$ });
server.events$.subscribe(({ kind, detail }) => console.log(`${kind}: ${detail}`));
console.log(`serving xDS on ${server.address}; press Enter to add or remove the green server`);

let hosts = [blue];
for await (const _line of createInterface({ input: process.stdin })) {
  hosts = hosts.length === 1 ? [blue, green] : [blue];
  snapshot$.next(edit(snapshot$.value, (draft) => draft.set(endpoints("hello", hosts))));
}

/** An HTTP server that answers with its name. Resolves with its address. */
function startServer(name: string): Promise<string> {
  const http = createServer((_request, response) => response.end(`${name}\n`));
  return new Promise((resolve) => {
    http.listen(0, "127.0.0.1", () => resolve(`127.0.0.1:${(http.address() as AddressInfo).port}`));
  });
}
