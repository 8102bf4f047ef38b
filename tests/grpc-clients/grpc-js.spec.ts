import { fileURLToPath } from "node:url";
import { describeGrpcClient } from "./behaviour.js";

const program = fileURLToPath(new URL("grpc-js-client.mjs", import.meta.url));

describeGrpcClient("@grpc/grpc-js-xds", { fallback: "none", smooth: true }, () => ({
  command: process.execPath,
  args: [program],
}));
