import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

/** An HTTPS server on a free loopback port that answers 200 to everything. */
export interface TlsServer extends AsyncDisposable {
  /** `"127.0.0.1:PORT"`. */
  readonly address: string;
}

/** Starts an HTTPS server with a certificate and key in PEM. */
export async function startTlsServer(credentials: { readonly cert: string; readonly key: string }): Promise<TlsServer> {
  const server = createServer({ ...credentials }, (_request, response) => response.end("over TLS"));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
