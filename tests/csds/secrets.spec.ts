import { create, toBinary } from "@bufbuild/protobuf";
import { ClientStatusResponseSchema } from "@rxds/envoy-api/envoy/service/status/v3/csds";
import { eventually } from "@rxds/testkit";
import { createOpaqueResource, edsCluster, tlsCertificate, typeUrls } from "rxds";
import { expect, test } from "vitest";
import { authority } from "../core/certificates.js";
import { modes, openClient } from "../wire/client.js";
import { startWorld } from "../wire/world.js";
import { fetchStatus, statuses } from "./status-client.js";

const OPAQUE = "type.googleapis.com/csds.test.Opaque";

test.each(modes)("%s: no secret is in the answer, wherever it stands", async (mode) => {
  const { cert, key } = await (await authority()).issue("client");
  const bodyLines = key.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
  const inline = edsCluster({ name: "inline", tls: { validation: { ca: cert }, certificate: { cert, key } } });
  const value = Buffer.from(key);
  await using world = await startWorld([
    tlsCertificate("cert", { cert, key }),
    inline,
    createOpaqueResource({ typeUrl: OPAQUE, value }, "opaque"),
  ]);
  const client = openClient(world, mode);
  client.ask(typeUrls.secret, "cert");
  (await client.next()).nack(`cert: bad key ${key}`);
  client.ask(typeUrls.cluster);
  (await client.next()).nack(`inline: name: "inline" private_key { inline_string: "${key}" }`);
  client.ask(OPAQUE, "opaque");
  await client.accept();
  const response = await eventually(async () => {
    const found = await fetchStatus(world.server.address);
    expect(statuses(found.config[0])).toEqual({ cert: "ERROR", inline: "ERROR", opaque: "SYNCED" });
    return found;
  });
  const bodies = response.config[0]?.genericXdsConfigs.map(({ name, xdsConfig }) => [name, xdsConfig !== undefined]);
  expect(Object.fromEntries(bodies ?? [])).toEqual({ cert: false, inline: true, opaque: false });
  const bytes = Buffer.from(toBinary(ClientStatusResponseSchema, create(ClientStatusResponseSchema, response)));
  expect(bytes.includes("inline")).toBe(true);
  expect(bodyLines.length).toBeGreaterThan(0);
  for (const line of bodyLines) expect(bytes.includes(line)).toBe(false);
  expect(bytes.includes("PRIVATE KEY")).toBe(false);
});
