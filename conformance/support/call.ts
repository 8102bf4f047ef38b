import { Client, credentials, type StatusObject } from "@grpc/grpc-js";
import { address, deadlineMs } from "./target.js";

const same = (bytes: Buffer): Buffer => bytes;

/** Opens a stream of any method, sends nothing, and returns how the server ends it when this side is done. */
export async function statusOfCall(path: string): Promise<Pick<StatusObject, "code" | "details">> {
  const client = new Client(address, credentials.createInsecure());
  try {
    return await new Promise((resolve) => {
      const call = client.makeBidiStreamRequest(path, same, same, { deadline: Date.now() + deadlineMs });
      call.on("data", () => {});
      call.on("error", () => {});
      call.on("status", resolve);
      call.end();
    });
  } finally {
    client.close();
  }
}
