import { createSocket } from "node:dgram";
import { isIPv4 } from "node:net";
import type { ServeOptions, Serving } from "./serve.js";

/** A UDP server that answers each datagram with `NAME: DATAGRAM`. */
export async function serveUdp({ port = 0, name, address = "::" }: ServeOptions): Promise<Serving> {
  const socket = createSocket(isIPv4(address) ? "udp4" : "udp6");
  socket.on("message", (message, from) => socket.send(`${name}: ${message.toString()}`, from.port, from.address));
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, address, resolve);
  });
  // What the network says about one answer must not end the server.
  socket.on("error", () => {});
  return {
    port: socket.address().port,
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
