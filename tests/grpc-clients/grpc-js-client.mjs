// A gRPC client that is told by lines of JSON on standard input what to call, see grpc-client.ts.
import { createInterface } from "node:readline";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { register } from "@grpc/grpc-js-xds";

register();

const bytes = (value) => value;
const clients = new Map();

function clientFor(target) {
  if (!clients.has(target)) clients.set(target, new Client(target, credentials.createInsecure()));
  return clients.get(target);
}

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { id, target, path, deadlineMs } = JSON.parse(line);
    const answer = (result) => process.stdout.write(`${JSON.stringify({ id, ...result })}\n`);
    const options = { deadline: Date.now() + deadlineMs };
    clientFor(target).makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), new Metadata(), options, (error, body) => {
      if (error === null) answer({ code: "OK", text: body.toString() });
      else answer({ code: status[error.code], text: error.details });
    });
  })
  // Whoever started it is done with it, or dead.
  .on("close", () => process.exit());
