import { fileURLToPath } from "node:url";
import { createSnapshot, serveXds } from "rxds";
import { expect, test } from "vitest";
import { WHO } from "./backend.js";
import { describeGrpcClient } from "./behaviour.js";
import { type Program, startGrpcClient } from "./grpc-client.js";
import { TARGET } from "./resources.js";

const program = fileURLToPath(new URL("grpcio-client.py", import.meta.url));

/** `npm test` installs grpcio, and says where. */
function installed(): string {
  const folder = process.env.RXDS_GRPCIO;
  if (folder === undefined) throw new Error("RXDS_GRPCIO names no folder with grpcio: run this by `npm test`");
  return folder;
}

const grpcio = (): Program => ({ command: "python3", args: [program], env: { PYTHONPATH: installed() } });

describeGrpcClient("grpcio", { fallback: "returns", smooth: true }, grpcio);

test("grpcio that knows `resource_errors` fails calls for what does not exist with the server's words", async () => {
  await using server = await serveXds({
    address: "127.0.0.1:0",
    snapshots: createSnapshot([]),
    resourceErrors: true,
  });
  const env = { ...grpcio().env, GRPC_EXPERIMENTAL_XDS_DATA_ERROR_HANDLING: "true" };
  await using client = startGrpcClient({ ...grpcio(), env }, { servers: [server.address] });
  // Without them it waits 15 s, and then has words of its own.
  expect(await client.call(TARGET, WHO)).toEqual({
    code: "UNAVAILABLE",
    text: expect.stringContaining("LDS resource hello: there is no such resource"),
  });
});
