// HTTP servers that answer with their name, in plain text and in mutual TLS.
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";

/** Every so many answers of a backend with TLS end their connection, so that there are always new handshakes. */
const HANDSHAKE_EVERY = 4;

/**
 * Starts a backend for each name; resolves with their addresses by name.
 * @param {readonly string[]} plain @param {readonly string[]} tls
 * @param {{ cert: string, key: string, ca: string }} credentials
 */
export async function startBackends(plain, tls, credentials) {
  const all = [
    ...plain.map((name) => start(name, createServer(answering(name, Infinity)))),
    ...tls.map((name) => {
      const options = { ...credentials, requestCert: true, rejectUnauthorized: true };
      return start(name, createTlsServer(options, answering(name, HANDSHAKE_EVERY)));
    }),
  ];
  return Object.fromEntries(await Promise.all(all));
}

/** @param {string} name @param {number} closeEvery @returns {import("node:http").RequestListener} */
function answering(name, closeEvery) {
  let count = 0;
  return (request, response) => {
    request.resume();
    count += 1;
    if (count % closeEvery === 0) response.setHeader("connection", "close");
    response.setHeader("x-backend", name);
    response.end(name);
  };
}

/** @param {string} name @param {import("node:http").Server} server @returns {Promise<[string, string]>} */
function start(name, server) {
  // A connection that is closed while Envoy sends a request on it would look like a fault of the change.
  server.keepAliveTimeout = 0;
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve([name, `127.0.0.1:${address.port}`]);
    });
  });
}
