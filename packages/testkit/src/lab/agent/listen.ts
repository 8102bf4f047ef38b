import type { AddressInfo, Server, Socket } from "node:net";
import type { Serving } from "./serve.js";

/** Makes a server listen, and able to stop at once: open connections are destroyed. */
export async function listen(server: Server, port = 0, address = "::"): Promise<Serving> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: address, backlog: 4096 }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
