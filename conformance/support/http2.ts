import { type ClientHttp2Session, connect, type Settings } from "node:http2";
import { address, deadlineMs } from "./target.js";

/** The round trip of an HTTP/2 ping, in milliseconds. */
export function ping(): Promise<number> {
  return withSession(
    (session) =>
      new Promise((resolve, reject) => {
        session.once("connect", () => {
          session.ping((error, ms) => (error === null ? resolve(ms) : reject(error)));
        });
      }),
  );
}

/** The HTTP/2 settings of the server. */
export function settings(): Promise<Settings> {
  return withSession((session) => new Promise((resolve) => session.once("remoteSettings", resolve)));
}

async function withSession<T>(work: (session: ClientHttp2Session) => Promise<T>): Promise<T> {
  const session = connect(`http://${address}`);
  let timer: NodeJS.Timeout | undefined;
  const failed = new Promise<never>((_, reject) => {
    session.once("error", reject);
    timer = setTimeout(() => reject(new Error(`${address} did not answer within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work(session), failed]);
  } finally {
    clearTimeout(timer);
    session.destroy();
  }
}
