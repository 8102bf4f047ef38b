import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSnapshot } from "@rxds/core";
import { NEVER, of } from "rxjs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ServeXdsError, serveXds } from "./serve-xds.js";
import { removeStaleSocket } from "./stale-socket.js";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rxds-stale-"));
  path = join(folder, "xds.sock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a server leaves that is killed. */
function leaveSocket(): void {
  const script = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
  expect(spawnSync(process.execPath, ["-e", script, path]).signal).toBe("SIGKILL");
  expect(existsSync(path)).toBe(true);
}

test("a server listens where one was killed", async () => {
  for (const form of ["unix:", "unix://"]) {
    leaveSocket();
    await using server = await serveXds({ address: `${form}${path}`, snapshots: of(createSnapshot([])) });
    expect(server.address).toBe(`${form}${path}`);
  }
});

test("where another server listens it does not, and that goes on", async () => {
  const address = `unix:${path}`;
  await using _first = await serveXds({ address, snapshots: NEVER });
  const error = await serveXds({ address, snapshots: NEVER }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ServeXdsError);
  expect(error).toMatchObject({ code: "bind", message: expect.stringContaining("EADDRINUSE") });
  expect(existsSync(path)).toBe(true);
});

test("other files stay, and other addresses are left alone", async () => {
  writeFileSync(path, "mine");
  await removeStaleSocket(`unix:${path}`);
  expect(existsSync(path)).toBe(true);
  await removeStaleSocket("unix:/nowhere/at.all");
  await removeStaleSocket("127.0.0.1:0");
});
