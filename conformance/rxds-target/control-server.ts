import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Capabilities, State } from "../control/protocol.js";

/** What the control endpoint does. */
export interface ControlHandler {
  capabilities(): Capabilities;
  /** Throws when the state can't come into force. */
  put(state: State): void;
  restart(): Promise<void>;
}

/** Serves the control protocol on a free port of 127.0.0.1. */
export async function serveControl(handler: ControlHandler): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    answer(request, handler).then(
      (body) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body ?? {})),
      (error: unknown) => response.writeHead(400).end(error instanceof Error ? error.message : String(error)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${port}` };
}

async function answer(request: IncomingMessage, handler: ControlHandler): Promise<unknown> {
  const what = `${request.method} ${request.url}`;
  if (what === "GET /capabilities") return handler.capabilities();
  if (what === "PUT /state") return handler.put(await bodyOf(request));
  if (what === "POST /restart") return handler.restart();
  throw new Error(`there is no ${what}: only GET /capabilities, PUT /state and POST /restart`);
}

async function bodyOf(request: IncomingMessage): Promise<State> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  if (isState(body)) return body;
  throw new Error("a state is { resources: [{ type_url, name, value }] }");
}

function isState(body: unknown): body is State {
  if (typeof body !== "object" || body === null || !("resources" in body)) return false;
  return Array.isArray(body.resources);
}
