import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { eventually } from "@rxds/testkit";
import { typeUrls } from "rxds";
import { expect, test } from "vitest";
import { build } from "../examples/program.js";
import { openClient } from "../wire/client.js";
import { hosts, startWorld } from "../wire/world.js";
import { codeBlocks, root } from "./markdown.js";

const blocks = codeBlocks("docs/guides/status-and-load.md");

/** Runs a block as a program of its own, where a user's packages are. Resolves with what it printed. */
async function run(code: string, env: Readonly<Record<string, string>>): Promise<string> {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache/guide-"));
  try {
    symlinkSync(join(root, "tests/node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "block.mjs"), code);
    const program = spawn(process.execPath, ["block.mjs"], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [out, errors, [exit]] = await Promise.all([
      text(program.stdout),
      text(program.stderr),
      once(program, "exit"),
    ]);
    if (exit !== 0) throw new Error(`exit code ${exit}: ${errors}`);
    return out;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("the program of the guide lists what a client does not have as it should be", async () => {
  build("packages/rxds");
  const block = blocks.find(({ code }) => code.includes("FetchClientStatus"));
  if (block === undefined) throw new Error("the guide has no such block");
  await using world = await startWorld([hosts("a"), hosts("b")]);
  const client = openClient(world, "delta");
  client.ask(typeUrls.endpoints, "a", "b", "none");
  await client.accept();
  world.put(hosts("b", 2));
  (await client.next()).nack("b: malformed");
  await eventually(() => expect(world.server.clients()[0]?.types[0]?.rejections).toBe(1));
  const ask = (prefix: string) => run(block.code, { XDS_ADDRESS: world.server.address, NODE_PREFIX: prefix });
  expect((await ask("n")).trim().split("\n").sort()).toEqual([
    `n1 ${typeUrls.endpoints} b ERROR b: malformed`,
    `n1 ${typeUrls.endpoints} none NOT_SENT`,
  ]);
  expect(await ask("other")).toBe("");
});
