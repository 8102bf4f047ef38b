import { fileURLToPath } from "node:url";
import { Client, credentials } from "@grpc/grpc-js";
import { eventually, withEnvoy } from "@rxds/testkit";
import { edsCluster, httpListener, typeUrls } from "rxds";
import { expect, test } from "vitest";
import { WHO } from "./backend.js";
import { node } from "./grpc-client.js";
import { answeredBy, inLab } from "./lab.js";
import { simple } from "./resources.js";

const grpcJs = {
  command: process.execPath,
  args: [fileURLToPath(new URL("grpc-js-client.mjs", import.meta.url))],
};

/** Calls a backend without xDS. Resolves with what it answered. */
async function callAt(address: string): Promise<string> {
  const client = new Client(address, credentials.createInsecure());
  const bytes = (value: Buffer): Buffer => value;
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(WHO, bytes, bytes, Buffer.alloc(0), (error, body) => {
        if (error === null) resolve(String(body));
        else reject(error);
      });
    });
  } finally {
    client.close();
  }
}

test("one snapshot leads a gRPC client and an Envoy to the same backend", () =>
  inLab(grpcJs, async ({ plane, blue, green, reaches, movesTo }) => {
    const cluster = edsCluster({ name: "web", http2: true });
    const ingress = httpListener({ name: "ingress", port: 0, routeConfig: "hello-routes" });
    plane.emit(...Object.values({ ...simple(blue), cluster, ingress }));
    await withEnvoy({ ads: plane.address, node: { id: "envoy-1" } }, async (envoy) => {
      await envoy.ready();
      await reaches(blue);
      const address = await envoy.listenerAddress("ingress");
      expect(await callAt(address)).toBe(answeredBy(blue).text);

      // Envoy was sent the listener of the gRPC client too, accepted it, and made nothing of it.
      await plane.server.holds("envoy-1", typeUrls.listener, "hello");
      const { listenerStatuses } = await envoy.listeners();
      expect(listenerStatuses.map(({ name }) => name)).toEqual(["ingress"]);

      const { version } = plane.emit(...Object.values({ ...simple(green), cluster, ingress }));
      await movesTo(green);
      await eventually(async () => expect(await callAt(address)).toBe(answeredBy(green).text));
      await plane.server.converged(version, { clients: 2 });
      expect(plane.server.clients().map((client) => [client.node.id, client.protocol])).toEqual(
        expect.arrayContaining([
          ["envoy-1", "delta"],
          [node.id, "sotw"],
        ]),
      );
      expect(plane.events.filter(({ kind }) => kind === "rejected")).toEqual([]);
    });
  }));
