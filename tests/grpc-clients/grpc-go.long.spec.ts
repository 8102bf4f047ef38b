import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll } from "vitest";
import { describeGrpcClient } from "./behaviour.js";

const sources = fileURLToPath(new URL("go", import.meta.url));
const program = join(fileURLToPath(new URL("../../node_modules/.cache/rxds", import.meta.url)), "grpc-go-client");

// The first build downloads and compiles all of grpc-go.
beforeAll(() => {
  const { error, status, stderr } = spawnSync("go", ["build", "-o", program, "."], { cwd: sources, encoding: "utf8" });
  if (error !== undefined)
    throw new Error(`Go 1.26 or newer is needed for the long tests: install Go (${error.message})`);
  if (status !== 0) throw new Error(`go build in ${sources} ended with ${status}:\n${stderr}`);
}, 600_000);

describeGrpcClient("grpc-go", { fallback: "stays", smooth: false }, () => ({ command: program, args: [] }));
