import { beforeAll, expect, test } from "vitest";
import { build, startProgram } from "./program.js";

beforeAll(() => build("examples/proxyless-grpc"));

test("a gRPC client without a proxy is led to one server, and by a changed route to the other", async () => {
  await using program = startProgram(["examples/proxyless-grpc/dist/main.js"], { env: { XDS_ADDRESS: "127.0.0.1:0" } });
  expect(await program.ended).toBe(0);
  const lines = program.output().trim().split("\n");
  expect(lines.filter((line) => line.startsWith("answer: "))).toEqual([
    "answer: hello one, this is blue",
    "answer: hello one, this is green",
  ]);
  // After the first answer: new routes, and of the other cluster what the client lacked.
  const sent = lines.filter((line) => line.startsWith("sent: ")).map((line) => /^sent: (\w+)/.exec(line)?.[1]);
  expect(sent).toEqual(["LDS", "RDS", "CDS", "EDS", "RDS", "CDS", "EDS"]);
});
