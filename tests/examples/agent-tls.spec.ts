import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ServerCredentials } from "@grpc/grpc-js";
import { createMesh, meshPlane, parseDocuments } from "@rxds/mesh";
import { serveXds } from "rxds";
import { of as only } from "rxjs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Authority, authority } from "../core/certificates.js";
import { type AgentPlace, startAgentProgram } from "./agent-program.js";
import { type EbpfLab, ebpfLab } from "./ebpf-lab.js";
import { build } from "./program.js";

const MESH = `
apiVersion: rxds.dev/v1alpha1
kind: Node
metadata: { name: n1 }
spec: { addresses: [10.244.1.1] }
`;

let of: EbpfLab;
let place: AgentPlace;
let ca: Authority;
beforeAll(async () => {
  build("packages/agent", "packages/testkit");
  of = await ebpfLab();
  place = of.agentPlace(await of.lab.node("n1", { addresses: ["10.244.1.1"] }));
  ca = await authority();
}, 60_000);
afterAll(() => of?.[Symbol.asyncDispose]());

/** A file with this text. */
async function file(name: string, text: string): Promise<string> {
  const path = join(of.folder, name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

/** A control plane that takes only clients with certificates of the authority. */
async function serve() {
  const { cert, key } = await ca.issue("control-plane");
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  const credentials = ServerCredentials.createSsl(Buffer.from(ca.cert), [pair], true);
  const plane = meshPlane(only(createMesh(parseDocuments(MESH))));
  const server = await serveXds({ address: of.ads, credentials, ...plane });
  plane.follow(server);
  return server;
}

test("an agent believes the control plane that its authority has signed, and shows its own certificate", async () => {
  await using _server = await serve();
  const { cert, key } = await ca.issue("n1");
  const own = ["--tls-cert", await file("own.pem", cert), "--tls-key", await file("own.key", key)];
  await using agent = startAgentProgram(place, ["--tls-ca", await file("ca.pem", ca.cert), ...own]);
  const isInForce = ({ applied }: { applied: string | null }) => applied !== null;
  expect(await agent.until(isInForce, "a plan is in force")).toMatchObject({ connection: "connected", entries: 0 });
  agent.kill("SIGTERM");
  expect(await agent.ended).toBe(0);
});

test("one that believes another authority stays away, and says why", async () => {
  await using _server = await serve();
  const other = await authority("another");
  await using agent = startAgentProgram(place, ["--tls-ca", await file("other.pem", other.cert)]);
  const line = await agent.until(({ connectionError }) => connectionError !== undefined, "it cannot connect");
  expect(line).toMatchObject({ connectionError: expect.stringMatching(/certificate/), plan: null });
});

test("without TLS one does not go to another machine, and puts nothing into the kernel", async () => {
  const pins = `${of.lab.bpffs}/refused`;
  await using agent = startAgentProgram({ ...place, ads: "10.244.9.9:18000", pins });
  expect(await agent.ended).toBe(2);
  expect(await readdir(of.lab.bpffs)).not.toContain("refused");
});
