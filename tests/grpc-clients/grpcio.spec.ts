import { fileURLToPath } from "node:url";
import { describeGrpcClient } from "./behaviour.js";

const program = fileURLToPath(new URL("grpcio-client.py", import.meta.url));

/** `npm test` installs grpcio, and says where. */
function installed(): string {
  const folder = process.env.RXDS_GRPCIO;
  if (folder === undefined) throw new Error("RXDS_GRPCIO names no folder with grpcio: run this by `npm test`");
  return folder;
}

describeGrpcClient("grpcio", { fallback: "returns", smooth: true }, () => ({
  command: "python3",
  args: [program],
  env: { PYTHONPATH: installed() },
}));
