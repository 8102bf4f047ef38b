import { rename, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { service, textOf } from "../../spec-support/sample-documents.js";
import { temporaryFolder } from "../../spec-support/temporary-folder.js";
import { documentSource } from "../documents/document-source.js";
import { parseText } from "../documents/parse-documents.js";
import { listFiles } from "./list-files.js";
import { createMeshReader } from "./mesh-reader.js";

const LONG_AGO = new Date(2020, 1, 1);

/** A folder of files and a reader that tells what it parsed. */
async function readerOf(count: number) {
  const folder = await temporaryFolder();
  const write = async (name: string, text: string, time = LONG_AGO) => {
    await writeFile(join(folder, name), text);
    await utimes(join(folder, name), time, time);
  };
  for (let i = 0; i < count; i++) await write(`${i}.yaml`, textOf(service(`s${i}`)));
  const parsed: string[] = [];
  const reader = createMeshReader({}, (text, options) => {
    parsed.push(options.file?.slice(folder.length + 1) ?? "");
    return parseText(text, options);
  });
  const read = async () => {
    parsed.length = 0;
    return { ...(await reader.read(await listFiles([folder]))), parsed: [...parsed].sort() };
  };
  return { folder, write, read };
}

test("only a file that changed is parsed, and only its documents are other objects", async () => {
  const { write, read } = await readerOf(50);
  const first = await read();
  expect(first.parsed).toHaveLength(50);
  await write("7.yaml", textOf(service("s7", 81)));
  const second = await read();
  expect(second.parsed).toEqual(["7.yaml"]);
  const other = [...(second.mesh?.documents ?? [])].filter(([key, value]) => first.mesh?.documents.get(key) !== value);
  expect(other).toEqual([["Service default/s7", service("s7", 81)]]);
});

test("nothing is parsed, and it is the same mesh, when nothing changed", async () => {
  const { write, read } = await readerOf(3);
  const { mesh } = await read();
  expect(await read()).toEqual({ mesh, problems: [], parsed: [] });
  await write("1.yaml", textOf(service("s1")), new Date());
  const touched = await read();
  expect(touched.parsed).toEqual([]);
  expect(touched.mesh).toBe(mesh);
});

test("a change of the same length within one tick of the clock is seen", async () => {
  const { write, read } = await readerOf(1);
  const now = new Date();
  await write("0.yaml", textOf(service("s0", 81)), now);
  await read();
  await write("0.yaml", textOf(service("s0", 82)), now);
  expect((await read()).mesh?.documents.get("Service default/s0")).toEqual(service("s0", 82));
});

test("documents that say the same stay the same objects when their text moves", async () => {
  const { folder, write, read } = await readerOf(1);
  const { mesh } = await read();
  await write("0.yaml", `# a comment\n---\n${textOf(service("s0"))}`);
  expect((await read()).mesh).toBe(mesh);
  await rename(join(folder, "0.yaml"), join(folder, "moved.yaml"));
  const moved = await read();
  expect(moved.mesh).toBe(mesh);
  const document = mesh?.documents.get("Service default/s0");
  expect(document && documentSource(document)).toMatchObject({ file: join(folder, "moved.yaml"), line: 3 });
});

test("after problems the last good mesh is what documents are compared with", async () => {
  const { write, read } = await readerOf(3);
  const { mesh } = await read();
  await write("1.yaml", "kind: [");
  const broken = await read();
  expect([broken.mesh, broken.problems.length, broken.parsed]).toEqual([undefined, 1, ["1.yaml"]]);
  expect((await read()).parsed).toEqual([]);
  await write("1.yaml", textOf(service("s1")));
  expect((await read()).mesh).toBe(mesh);
});
