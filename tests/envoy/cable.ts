import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A way to a control plane that can be cut. */
export interface Cable extends AsyncDisposable {
  /** Where to connect to. */
  readonly address: string;
  /** Ends all connections, and lets nobody through from now on. Nothing that is sent after it arrives. */
  cut(): void;
  /** Lets connections through, to that address. */
  mend(address: string): void;
}

/** Lays a cable to an address of 127.0.0.1. */
export async function layCable(address: string): Promise<Cable> {
  const sockets = new Set<Socket>();
  let to: string | undefined = address;
  const keep = (socket: Socket, other: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
    });
    socket.pipe(other);
  };
  const server = createServer((near) => {
    if (to === undefined) {
      near.destroy();
      return;
    }
    const far = connect(Number(to.slice(to.lastIndexOf(":") + 1)), "127.0.0.1");
    keep(near, far);
    keep(far, near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    to = undefined;
    for (const socket of [...sockets]) socket.destroy();
  };
  const at = server.address();
  return {
    address: `127.0.0.1:${typeof at === "object" ? at?.port : ""}`,
    cut,
    mend(other) {
      to = other;
    },
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
