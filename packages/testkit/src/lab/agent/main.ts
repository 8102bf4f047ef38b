import { createServer, type Socket } from "node:net";
import { lineCutter } from "../lines.js";
import { reasonOf } from "./ends.js";
import { agentMethods } from "./methods.js";
import type { Request, Response } from "./protocol.js";

// A program: it listens on the unix socket that its argument names, does what its one client asks, and ends with it.

const methods = agentMethods();

function onClient(client: Socket): void {
  const answer = (response: Response): void => {
    client.write(`${JSON.stringify(response)}\n`);
  };
  const onLine = async (line: string): Promise<void> => {
    const { id, method, params } = JSON.parse(line) as Request;
    try {
      const call = methods[method] as (params: unknown) => unknown;
      answer({ id, result: await call(params) });
    } catch (error) {
      answer({ id, error: reasonOf(error) });
    }
  };
  client.on("error", () => {});
  client.once("close", () => process.exit(0));
  client.setEncoding("utf8").on(
    "data",
    lineCutter((line) => void onLine(line)),
  );
}

const server = createServer((client) => {
  server.close();
  onClient(client);
});
server.listen(process.argv[2], () => process.stdout.write("listening\n"));
