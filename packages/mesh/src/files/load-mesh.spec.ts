import { execFileSync } from "node:child_process";
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { service, textOf } from "../../spec-support/sample-documents.js";
import { temporaryFolder } from "../../spec-support/temporary-folder.js";
import { MeshError } from "../documents/mesh-error.js";
import { loadMesh } from "./load-mesh.js";

/** A folder with these files: path below it -> text. */
async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

const namesOf = async (paths: string | readonly string[]) =>
  [...(await loadMesh(paths)).documents.values()].map(({ metadata }) => metadata.name);

async function problemsOf(paths: string | readonly string[], maxLength?: number) {
  const error = await loadMesh(paths, { maxLength }).catch((error: unknown) => error);
  if (error instanceof MeshError) return error.problems;
  throw new Error("expected a MeshError", { cause: error });
}

describe("files", () => {
  test("of a folder at any depth, by their endings; names that begin with a dot are passed over", async () => {
    const folder = await folderWith({
      "b/c.yml": textOf(service("in-b")),
      "a.yaml": textOf(service("one"), service("two")),
      "c.JSON": textOf(service("json")),
      "README.md": "not ours",
      ".hidden.yaml": "not: ours",
      ".git/x.yaml": "not: ours",
      "empty/none.yaml": "# nothing yet\n",
    });
    expect(await namesOf(folder)).toEqual(["one", "two", "in-b", "json"]);
  });

  test("that are given, whatever their names; the same one twice is one", async () => {
    const folder = await folderWith({ "a.txt": textOf(service("a")), "b.yaml": textOf(service("b")) });
    expect(await namesOf([join(folder, "a.txt"), join(folder, "b.yaml"), folder])).toEqual(["a", "b"]);
  });

  test("behind links, as in a ConfigMap; a link to a folder above does no harm", async () => {
    const folder = await folderWith({ "..v1/a.yaml": textOf(service("a")) });
    await symlink("..v1", join(folder, "..data"));
    await symlink("..data/a.yaml", join(folder, "a.yaml"));
    await symlink(".", join(folder, "self"));
    expect(await namesOf(folder)).toEqual(["a"]);
  });

  test("an empty folder is an empty mesh", async () => {
    expect(await namesOf(await temporaryFolder())).toEqual([]);
  });
});

describe("problems", () => {
  test("of all files are told, in the order of the files", async () => {
    const folder = await folderWith({
      "a.yaml": textOf(service("a", 0)),
      "b.yaml": "",
      "c.yaml": "a: [",
      "d.yaml": textOf(service("d")),
      "e.yaml": textOf(service("d")),
    });
    await writeFile(join(folder, "f.yaml"), Buffer.from([0x61, 0xff]));
    const problems = await problemsOf(folder);
    expect(problems.map(({ file, code }) => [file?.slice(folder.length + 1), code])).toEqual([
      ["a.yaml", "invalid-value"],
      ["b.yaml", "empty-file"],
      ["c.yaml", "syntax"],
      ["f.yaml", "syntax"],
      ["e.yaml", "duplicate-document"],
    ]);
    expect(problems[4]?.message).toContain(`${join(folder, "d.yaml")}:1`);
  });

  test("what is not there", async () => {
    const folder = await temporaryFolder();
    await symlink("nowhere", join(folder, "a.yaml"));
    expect(await problemsOf([join(folder, "gone"), folder])).toMatchObject([
      { code: "unreadable", file: join(folder, "a.yaml"), message: expect.stringContaining("nothing here") },
      { code: "unreadable", file: join(folder, "gone") },
    ]);
  });

  test("what is no file does not keep anybody waiting", async () => {
    const folder = await temporaryFolder();
    execFileSync("mkfifo", [join(folder, "a.yaml")]);
    expect(await problemsOf(folder)).toMatchObject([{ code: "unreadable", file: join(folder, "a.yaml") }]);
  });

  test("a link to itself", async () => {
    const folder = await temporaryFolder();
    await symlink("a.yaml", join(folder, "b.yaml"));
    await rename(join(folder, "b.yaml"), join(folder, "a.yaml"));
    expect(await problemsOf(folder)).toMatchObject([{ message: expect.stringContaining("ELOOP") }]);
  });

  test("a file that is too long is not read", async () => {
    const folder = await folderWith({ "a.yaml": textOf(service("a")) });
    expect(await problemsOf(folder, 10)).toMatchObject([
      { code: "too-large", message: expect.stringContaining("expected at most 10 bytes (maxLength)") },
    ]);
  });
});
