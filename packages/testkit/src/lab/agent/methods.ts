import { connectMany } from "./connect-many.js";
import { type Connection, openConnection } from "./connection.js";
import { httpRequest } from "./http-request.js";
import { type RunningLoad, runLoad } from "./load.js";
import type { AgentMethods, Handle } from "./protocol.js";
import { type Serving, serve } from "./serve.js";
import { tcpRequest } from "./tcp-request.js";
import { udpRequest } from "./udp-request.js";

/** The same methods, answering later. */
export type AsyncMethods = {
  readonly [M in keyof AgentMethods]: (
    params: Parameters<AgentMethods[M]>[0],
  ) => Promise<ReturnType<AgentMethods[M]>> | ReturnType<AgentMethods[M]>;
};

/** What the agent does, and what lives in it. */
export function agentMethods(): AsyncMethods {
  const servers = shelf<Serving>("server");
  const connections = shelf<Connection>("connection");
  const loads = shelf<RunningLoad>("load");
  return {
    async serve(options) {
      const serving = await serve(options);
      return { ...servers.add(serving), port: serving.port };
    },
    async unserve(handle) {
      await servers.take(handle).stop();
      return null;
    },
    http: httpRequest,
    tcp: tcpRequest,
    udp: udpRequest,
    connectMany,
    async open({ address, port, timeoutMs }) {
      const connection = await openConnection(address, port, timeoutMs);
      const { localAddress, remoteAddress } = connection;
      return { ...connections.add(connection), localAddress, remoteAddress };
    },
    exchange: ({ text, timeoutMs, ...handle }) => connections.get(handle).exchange(text, timeoutMs),
    closed: (handle) => connections.get(handle).closed,
    close(handle) {
      connections.get(handle).close();
      return null;
    },
    startLoad: (options) => loads.add(runLoad(options)),
    stopLoad: (handle) => loads.get(handle).stop(),
    reportLoad: (handle) => loads.get(handle).report(),
  };
}

/** Things by their handles. */
function shelf<T>(kind: string) {
  const things = new Map<number, T>();
  let last = 0;
  const get = ({ handle }: Handle): T => {
    const thing = things.get(handle);
    if (thing === undefined) throw new Error(`there is no ${kind} ${handle}, or it was stopped`);
    return thing;
  };
  return {
    get,
    add(thing: T): Handle {
      last += 1;
      things.set(last, thing);
      return { handle: last };
    },
    take(handle: Handle): T {
      const thing = get(handle);
      things.delete(handle.handle);
      return thing;
    },
  };
}
