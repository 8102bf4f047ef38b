import { eventually, withEnvoy } from "@rxds/testkit";
import { createSnapshot, edsCluster, endpoints, serveXds, type XdsEvent } from "rxds";
import { expect, test } from "vitest";
import { authority } from "../core/certificates.js";

test.each(["delta", "sotw"] as const)(
  "an inline key that Envoy repeats in its rejection is in no event, log line, status or error (%s)",
  async (mode) => {
    const { cert, key } = await (await authority()).issue("client");
    const bad = edsCluster({ name: "leaky", tls: { validation: { ca: cert }, certificate: { cert, key } } });
    // Envoy refuses this, with a dump of the whole cluster.
    bad.connectTimeout = { $typeName: "google.protobuf.Duration", seconds: 0n, nanos: 0 };
    const lines: string[] = [];
    const logger = { info: (line: string) => void lines.push(line), warn: (line: string) => void lines.push(line) };
    await using server = await serveXds({
      address: "127.0.0.1:0",
      snapshots: createSnapshot([bad, endpoints("leaky", [])]),
      logger,
    });
    const events: XdsEvent[] = [];
    server.events$.subscribe((event) => events.push(event));
    await withEnvoy({ ads: server.address, mode, node: { id: "n1" } }, async (envoy) => {
      const rejected = await eventually(() => {
        const found = events.find((event) => event.kind === "rejected");
        if (found?.kind !== "rejected") throw new Error(`no rejection; ${envoy.log()}`);
        return found;
      });
      expect(rejected.names).toEqual(["leaky"]);
      expect(rejected.detail).toMatch(/ConnectTimeout/);
      const error: unknown = await server.converged(undefined, { deadlineMs: 50 }).catch((reason: unknown) => reason);
      const seen = JSON.stringify([events, lines, server.clients(), String(error)]);
      expect(seen).toContain("leaky");
      for (const part of key.split("\n").filter((line) => line !== "" && !line.startsWith("-----"))) {
        expect(seen).not.toContain(part);
      }
      expect(seen).not.toContain("PRIVATE KEY");
    });
  },
);
