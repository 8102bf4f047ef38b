import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { envoyBinary, eventually, httpGet, withEnvoy } from "@rxds/testkit";
import { beforeAll, expect, test } from "vitest";
import { build, root, startProgram } from "./program.js";

beforeAll(() => build("examples/quickstart"));

/** Starts the control plane on free ports; resolves with where it serves. */
async function quickstart() {
  const env = { XDS_ADDRESS: "127.0.0.1:0", INGRESS_PORT: "0" };
  const program = startProgram(["examples/quickstart/dist/main.js"], { env });
  const [, address = ""] = await program.until(/^serving xDS on (\S+);/m);
  return { program, address };
}

/** The bodies of ten answers, without repetition. */
async function answers(address: string): Promise<string[]> {
  const bodies = new Set<string>();
  for (let i = 0; i < 10; i++) bodies.add((await httpGet(`http://${address}/`)).body.trim());
  return [...bodies].sort();
}

test("configures an Envoy, and each Enter adds or removes a server", async () => {
  const { program, address } = await quickstart();
  await using _program = program;
  await withEnvoy({ ads: address }, async (envoy) => {
    await envoy.ready();
    const ingress = await envoy.listenerAddress("ingress");
    expect(await httpGet(`http://${ingress}/`)).toMatchObject({ status: 200, body: "blue\n" });
    program.write("\n");
    await eventually(async () => expect(await answers(ingress)).toEqual(["blue", "green"]));
    program.write("\n");
    await eventually(async () => expect(await answers(ingress)).toEqual(["blue"]));
  });
});

test("its log shows that only the endpoints are sent when only they have changed", async () => {
  const { program, address } = await quickstart();
  await using _program = program;
  await withEnvoy({ ads: address }, async (envoy) => {
    await envoy.ready();
    await program.until(/^acked: RDS/m);
    const mark = program.output().length;
    program.write("\n");
    await program.until(/^acked: /m, mark);
    const lines = program.output().slice(mark).trim().split("\n");
    expect(lines.map((line) => /^\w+: \w+/.exec(line)?.[0])).toEqual(["committed: commit", "sent: EDS", "acked: EDS"]);
  });
});

test("its bootstrap makes an Envoy follow it", async () => {
  const { program, address } = await quickstart();
  await using _program = program;
  const folder = await mkdtemp(join(tmpdir(), "rxds-quickstart-"));
  try {
    const bootstrap = await readFile(join(root, "examples/quickstart/envoy.yaml"), "utf8");
    const port = address.slice(address.lastIndexOf(":") + 1);
    // The ports alone are others than in the file: tests use free ones.
    const ported = bootstrap
      .replace("port_value: 18000", `port_value: ${port}`)
      .replace("port_value: 9901", "port_value: 0");
    await writeFile(join(folder, "envoy.yaml"), ported);
    const adminFile = join(folder, "admin");
    const args = ["-c", join(folder, "envoy.yaml"), "--disable-hot-restart", "--admin-address-path", adminFile];
    await using _envoy = startProgram(args, { command: await envoyBinary() });
    const admin = await eventually(async () => (await readFile(adminFile, "utf8")) || false);
    await eventually(async () => expect(await httpGet(`http://${admin}/ready`)).toMatchObject({ status: 200 }));
    const ingress = await eventually(async () => {
      const { body } = await httpGet(`http://${admin}/listeners`);
      return /^ingress::(\S+)$/m.exec(body)?.[1] ?? false;
    });
    expect(await httpGet(`http://${ingress}/`)).toMatchObject({ status: 200, body: "blue\n" });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
