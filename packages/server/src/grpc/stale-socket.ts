import { lstat, unlink } from "node:fs/promises";
import { createConnection } from "node:net";

/**
 * Removes the Unix socket that a server left behind which was killed: nobody could listen there again. One on which somebody listens
 * stays, and so does any other file. Nothing is done for other addresses.
 *
 * @param address `unix:/path`
 */
export async function removeStaleSocket(address: string): Promise<void> {
  const path = /^unix:(?:\/\/(?=\/))?(.+)$/.exec(address)?.[1];
  if (path === undefined) return;
  const before = await lstat(path).catch(() => undefined);
  if (!before?.isSocket() || !(await isRefused(path))) return;
  // Another server may have been faster.
  const now = await lstat(path).catch(() => undefined);
  if (now?.ino === before.ino && now.ctimeMs === before.ctimeMs) await unlink(path).catch(() => undefined);
}

/** Whether nobody listens on a socket. */
function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    const end = (refused: boolean) => {
      socket.destroy();
      resolve(refused);
    };
    socket.once("connect", () => end(false));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code === "ECONNREFUSED"));
  });
}
