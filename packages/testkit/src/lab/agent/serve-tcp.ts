import { createServer } from "node:net";
import { lineCutter } from "../lines.js";
import { listen } from "./listen.js";
import type { ServeOptions, Serving } from "./serve.js";

/** A TCP server that answers each line with `NAME: LINE`, and says `NAME` first when asked to. */
export function serveTcp({ port, name, address, speaksFirst = false }: ServeOptions): Promise<Serving> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    if (speaksFirst) socket.write(`${name}\n`);
    const onText = lineCutter((line) => socket.write(`${name}: ${line}\n`));
    socket.setEncoding("utf8").on("data", onText);
  });
  return listen(server, port, address);
}
