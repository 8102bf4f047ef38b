import { writeFileSync } from "node:fs";
import { appendFile, link, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { service, textOf } from "../../spec-support/sample-documents.js";
import { temporaryFolder } from "../../spec-support/temporary-folder.js";
import type { DocumentProblem } from "../documents/document-problem.js";
import type { Mesh } from "../documents/mesh.js";
import { type WatchMeshOptions, watchMesh } from "./watch-mesh.js";

/** Waits for a condition, and tells what was last seen. */
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 5 });

/** Ports by name: what these meshes say. */
function portsOf(mesh: Mesh | undefined): Record<string, number | undefined> | undefined {
  const services = [...(mesh?.documents.values() ?? [])].filter((document) => document.kind === "Service");
  return mesh && Object.fromEntries(services.map(({ metadata, spec }) => [metadata.name, spec.ports[0]?.port]));
}

/** Watches until the test is over. Nothing is found by polling unless the test asks for it. */
function watching(path: string, options: WatchMeshOptions = {}) {
  const meshes: Mesh[] = [];
  const problems: (readonly DocumentProblem[])[] = [];
  let ended: unknown = "not ended";
  const onProblems = (list: readonly DocumentProblem[]) => void problems.push(list);
  const subscription = watchMesh(path, { quietMs: 5, pollMs: 0, onProblems, ...options }).subscribe({
    next: (mesh) => void meshes.push(mesh),
    error: (error) => {
      ended = error;
    },
    complete: () => {
      ended = "complete";
    },
  });
  onTestFinished(() => {
    subscription.unsubscribe();
    expect(ended).toBe("not ended");
  });
  return {
    meshes,
    problems,
    subscription,
    holds: (ports: Record<string, number>) => eventually(() => expect(portsOf(meshes.at(-1))).toEqual(ports)),
    /** Waits until just these kinds of problems are there; none: that all are gone. */
    tells: (...codes: string[]) =>
      eventually(() => expect([...new Set(problems.at(-1)?.map(({ code }) => code))]).toEqual(codes)),
  };
}

async function folderWith(...names: string[]): Promise<string> {
  const folder = await temporaryFolder();
  for (const name of names) await writeFile(join(folder, `${name}.yaml`), textOf(service(name)));
  return folder;
}

describe("changes", () => {
  test("edits, additions and deletions, in folders below too", async () => {
    const folder = await folderWith("a", "b");
    const watched = watching(folder);
    await watched.holds({ a: 80, b: 80 });
    await writeFile(join(folder, "a.yaml"), textOf(service("a", 81)));
    await watched.holds({ a: 81, b: 80 });
    await mkdir(join(folder, "x/y"), { recursive: true });
    await writeFile(join(folder, "x/y/c.json"), textOf(service("c")));
    await watched.holds({ a: 81, b: 80, c: 80 });
    await writeFile(join(folder, "x/y/c.json"), textOf(service("c", 82)));
    await watched.holds({ a: 81, b: 80, c: 82 });
    await rm(join(folder, "b.yaml"));
    await watched.holds({ a: 81, c: 82 });
    await rm(join(folder, "x"), { recursive: true });
    await watched.holds({ a: 81 });
    expect(watched.problems.at(-1) ?? []).toEqual([]);
  });

  test("documents that did not change stay the same objects", async () => {
    const folder = await folderWith("a", "b");
    const watched = watching(folder);
    await watched.holds({ a: 80, b: 80 });
    await writeFile(join(folder, "a.yaml"), textOf(service("a", 81)));
    await watched.holds({ a: 81, b: 80 });
    const [first, last] = [watched.meshes[0], watched.meshes.at(-1)];
    expect(last?.documents.get("Service default/b")).toBe(first?.documents.get("Service default/b"));
  });

  test("a save by another file that is renamed", async () => {
    const folder = await folderWith("a");
    const watched = watching(folder);
    await watched.holds({ a: 80 });
    for (const port of [81, 82, 83]) {
      await writeFile(join(folder, ".a.yaml.tmp"), textOf(service("a", port)));
      await rename(join(folder, ".a.yaml.tmp"), join(folder, "a.yaml"));
      await watched.holds({ a: port });
    }
    expect(watched.problems).toEqual([]);
  });

  test("a burst is one change", async () => {
    const folder = await folderWith();
    const watched = watching(folder);
    await watched.holds({});
    const names = Array.from({ length: 100 }, (_, i) => `s${i}`);
    for (const name of names) writeFileSync(join(folder, `${name}.yaml`), textOf(service(name)));
    await watched.holds(Object.fromEntries(names.map((name) => [name, 80])));
    // One more if it was looking just then.
    expect(watched.meshes.length).toBeLessThanOrEqual(3);
  });

  test("what makes no difference is not emitted", async () => {
    const folder = await folderWith("a");
    const watched = watching(folder);
    await watched.holds({ a: 80 });
    await appendFile(join(folder, "a.yaml"), "# a comment\n");
    await writeFile(join(folder, "b.yaml"), textOf(service("b")));
    await watched.holds({ a: 80, b: 80 });
    expect(watched.meshes).toHaveLength(2);
  });

  test("a link on the way to a file that is turned to another folder, and one whose end appears", async () => {
    const folder = await folderWith("a");
    const elsewhere = await temporaryFolder();
    await mkdir(join(elsewhere, "v1"));
    await writeFile(join(elsewhere, "v1/b.yaml"), textOf(service("b")));
    await mkdir(join(elsewhere, "v2"));
    await writeFile(join(elsewhere, "v2/b.yaml"), textOf(service("b", 81)));
    await symlink("v1", join(elsewhere, "current"));
    await symlink(join(elsewhere, "current/b.yaml"), join(folder, "b.yaml"));
    const watched = watching(folder);
    await watched.holds({ a: 80, b: 80 });
    await symlink("v2", join(elsewhere, "next"));
    await rename(join(elsewhere, "next"), join(elsewhere, "current"));
    await watched.holds({ a: 80, b: 81 });
    await symlink(join(elsewhere, "current/late/c.yaml"), join(folder, "c.yaml"));
    await watched.tells("unreadable");
    await mkdir(join(elsewhere, "v2/late"));
    await writeFile(join(elsewhere, "v2/late/c.yaml"), textOf(service("c")));
    await watched.holds({ a: 80, b: 81, c: 80 });
  });

  test("what the system does not tell is found by looking", async () => {
    const folder = await folderWith("a");
    const elsewhere = await temporaryFolder();
    await link(join(folder, "a.yaml"), join(elsewhere, "other-name"));
    const watched = watching(folder, { pollMs: 20 });
    await watched.holds({ a: 80 });
    await writeFile(join(elsewhere, "other-name"), textOf(service("a", 81)));
    await watched.holds({ a: 81 });
  });
});

describe("a ConfigMap that is mounted as a folder", () => {
  /** What the kubelet does: a folder by time, and a link to it that is renamed over the old one. */
  async function publish(folder: string, version: string, files: Readonly<Record<string, string>>): Promise<void> {
    await mkdir(join(folder, `..${version}`));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, `..${version}`, name), text);
    await symlink(`..${version}`, join(folder, "..data_tmp"));
    await rename(join(folder, "..data_tmp"), join(folder, "..data"));
    for (const name of Object.keys(files)) {
      await symlink(join("..data", name), join(folder, name)).catch(() => undefined);
    }
  }

  test("its changes are followed, all files at once", async () => {
    const folder = await temporaryFolder();
    const both = (port: number) => ({ "a.yaml": textOf(service("a", port)), "b.yaml": textOf(service("b", port)) });
    await publish(folder, "v1", both(1));
    const watched = watching(folder);
    await watched.holds({ a: 1, b: 1 });
    for (const port of [2, 3, 4]) {
      await publish(folder, `v${port}`, both(port));
      await rm(join(folder, `..v${port - 1}`), { recursive: true });
      await watched.holds({ a: port, b: port });
    }
    for (const mesh of watched.meshes) expect(new Set(Object.values(portsOf(mesh) ?? {})).size).toBe(1);
  });
});

describe("what is wrong leaves the mesh as it is", () => {
  test("a file that is half written, or empty for a moment", async () => {
    const folder = await folderWith("a", "b");
    const watched = watching(folder);
    await watched.holds({ a: 80, b: 80 });
    const text = textOf(service("a", 81));
    await writeFile(join(folder, "a.yaml"), "");
    await watched.tells("empty-file");
    await writeFile(join(folder, "a.yaml"), text.slice(0, text.length / 2));
    await watched.tells("syntax");
    expect(watched.problems.at(-1)?.[0]).toMatchObject({ file: join(folder, "a.yaml") });
    expect(watched.meshes).toHaveLength(1);
    await writeFile(join(folder, "a.yaml"), text);
    await watched.holds({ a: 81, b: 80 });
    expect(watched.problems.at(-1)).toEqual([]);
  });

  test("a first mesh waits until all is good", async () => {
    const folder = await folderWith("a");
    await writeFile(join(folder, "b.yaml"), textOf(service("b", 0)));
    const watched = watching(folder);
    await watched.tells("invalid-value");
    expect(watched.meshes).toEqual([]);
    await writeFile(join(folder, "b.yaml"), textOf(service("b", 1)));
    await watched.holds({ a: 80, b: 1 });
  });

  test("a document that moves to another file, the new one first", async () => {
    const folder = await folderWith("a", "b");
    const watched = watching(folder);
    await watched.holds({ a: 80, b: 80 });
    await writeFile(join(folder, "c.yaml"), textOf(service("a")));
    await watched.tells("duplicate-document");
    await rm(join(folder, "a.yaml"));
    await watched.tells();
    expect(watched.meshes).toHaveLength(1);
  });

  test("a folder that is not there yet, goes and comes back", async () => {
    const parent = await temporaryFolder();
    const folder = join(parent, "x/mesh");
    const watched = watching(folder);
    await watched.tells("unreadable");
    await mkdir(folder, { recursive: true });
    await watched.holds({});
    for (const port of [1, 2, 3]) {
      await writeFile(join(folder, "a.yaml"), textOf(service("a", port)));
      await watched.holds({ a: port });
      await rename(folder, join(parent, "away"));
      await watched.tells("unreadable");
      expect(portsOf(watched.meshes.at(-1))).toEqual({ a: port });
      await mkdir(folder);
      await writeFile(join(folder, "a.yaml"), textOf(service("a", port + 10)));
      await watched.holds({ a: port + 10 });
      await rm(join(parent, "away"), { recursive: true });
    }
    await rm(folder, { recursive: true });
    await watched.tells("unreadable");
  });

  test("a link to nothing", async () => {
    const folder = await folderWith("a");
    const watched = watching(folder);
    await watched.holds({ a: 80 });
    await symlink("nowhere", join(folder, "b.yaml"));
    await watched.tells("unreadable");
    expect(basename(watched.problems.at(-1)?.[0]?.file ?? "")).toBe("b.yaml");
    await rm(join(folder, "b.yaml"));
    await watched.tells();
  });
});

test("unsubscribing closes all, also while it looks; each subscription watches for itself", async () => {
  const folder = await folderWith("a");
  const open = () => process.getActiveResourcesInfo().filter((name) => name === "FSEventWrap").length;
  const before = open();
  const watched = watching(folder, { pollMs: 60_000, quietMs: 60_000 });
  const other = watching(folder);
  await watched.holds({ a: 80 });
  await other.holds({ a: 80 });
  expect(open()).toBeGreaterThan(before);
  await writeFile(join(folder, "a.yaml"), textOf(service("a", 81)));
  watched.subscription.unsubscribe();
  await other.holds({ a: 81 });
  other.subscription.unsubscribe();
  const early = watching(folder);
  early.subscription.unsubscribe();
  await eventually(() => expect(open()).toBe(before));
  expect(watched.meshes).toHaveLength(1);
  expect(early.meshes).toEqual([]);
});

test("one file can be watched", async () => {
  const folder = await folderWith("a", "b");
  const watched = watching(join(folder, "a.yaml"));
  await watched.holds({ a: 80 });
  await writeFile(join(folder, "a.yaml"), textOf(service("a", 81)));
  await watched.holds({ a: 81 });
});
