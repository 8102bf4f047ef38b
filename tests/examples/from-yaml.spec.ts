import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, httpGet, type Upstream, upstream, withEnvoy } from "@rxds/testkit";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { build, root, startProgram } from "./program.js";

beforeAll(() => build("examples/from-yaml"));

let folder = "";
let file = "";
let red: Upstream;
let blue: Upstream;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rxds-from-yaml-"));
  file = join(folder, "envoy-resources.yaml");
  [red, blue] = await Promise.all([upstream({ name: "red" }), upstream({ name: "blue" })]);
});

afterEach(async () => {
  await Promise.all([red.stop(), blue.stop(), rm(folder, { recursive: true, force: true })]);
});

/** The example's file, on free ports. */
async function example(to: Upstream): Promise<string> {
  const text = await readFile(join(root, "examples/from-yaml/envoy-resources.yaml"), "utf8");
  return text.replace("port_value: 9001", `port_value: ${to.port}`).replace("port_value: 10000", "port_value: 0");
}

/** Starts the control plane for the file; resolves with where it serves. */
async function fromYaml() {
  const program = startProgram(["examples/from-yaml/dist/main.js", file, "127.0.0.1:0"]);
  const [, address = ""] = await program.until(/by xDS on (\S+)$/m);
  return { program, address };
}

test("configures an Envoy from the file, and follows its changes", async () => {
  await writeFile(file, await example(red));
  const { program, address } = await fromYaml();
  await using _program = program;
  await withEnvoy({ ads: address }, async (envoy) => {
    await envoy.ready();
    const ingress = await envoy.listenerAddress("ingress");
    expect(await httpGet(`http://${ingress}/`)).toMatchObject({ status: 200, body: "red" });

    await writeFile(file, await example(blue));
    await eventually(async () => expect((await httpGet(`http://${ingress}/`)).body).toBe("blue"));
    expect(
      program
        .output()
        .match(/^sent: \w+/gm)
        ?.slice(4),
      "only the endpoints are sent again",
    ).toEqual(["sent: EDS"]);
  });
});

test("a file that is wrong is refused with what is wrong, and what was good before goes on; a mended one is taken", async () => {
  const good = await example(red);
  await writeFile(file, good);
  const { program, address } = await fromYaml();
  await using _program = program;
  await withEnvoy({ ads: address }, async (envoy) => {
    await envoy.ready();
    const ingress = await envoy.listenerAddress("ingress");
    const get = async () => (await httpGet(`http://${ingress}/`)).body;

    await writeFile(file, good.replace("connect_timeout: 1s", "conect_timeout: 1s").replace("type: EDS", "type: EDDS"));
    await program.until(/the file was refused, the last good configuration stays in force/);
    await program.until(/envoy-resources\.yaml:\d+:\d+: .*did you mean "connect_timeout"\?/);
    await program.until(/envoy-resources\.yaml:\d+:\d+: .*EDDS/);
    expect(await get()).toBe("red");

    // Each resource for itself is right, but together they are not.
    const [head = "", cluster = ""] = good.split(
      /(?= {2}- "@type": \S+\.Cluster\n)|(?= {2}- "@type": \S+Assignment\n)/,
    );
    const twice = good.replace(head, head + cluster.replace("connect_timeout: 1s", "connect_timeout: 2s"));
    await writeFile(file, twice);
    await program.until(/Cluster "hello": another resource of this type has the same name/);
    expect(await get()).toBe("red");

    await writeFile(file, await example(blue));
    await eventually(async () => expect(await get()).toBe("blue"));
  });
});

test("follows a file that is replaced by another, and one that comes later", async () => {
  const { program, address } = await fromYaml();
  await using _program = program;
  await program.until(/ENOENT/);
  await writeFile(file, await example(red));
  await withEnvoy({ ads: address }, async (envoy) => {
    await envoy.ready();
    const ingress = await envoy.listenerAddress("ingress");
    expect((await httpGet(`http://${ingress}/`)).body).toBe("red");
    await writeFile(`${file}.new`, await example(blue));
    await rename(`${file}.new`, file);
    await eventually(async () => expect((await httpGet(`http://${ingress}/`)).body).toBe("blue"));
  });
});

test("tells how it is used when no file is named", async () => {
  await using program = startProgram(["examples/from-yaml/dist/main.js"]);
  expect(await program.ended).toBe(2);
  expect(program.output()).toMatch(/^usage: /);
});
