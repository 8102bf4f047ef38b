import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Client, type ClientDuplexStream, credentials, type StatusObject } from "@grpc/grpc-js";
import { address, deadlineMs } from "./target.js";

type Call = ClientDuplexStream<Buffer, Buffer>;
const same = (bytes: Buffer): Buffer => bytes;

/** Opens a stream of any method, or calls a unary one, which looks the same on the wire. */
async function withCall<T>(path: string, work: (call: Call) => Promise<T>): Promise<T> {
  const client = new Client(address, credentials.createInsecure());
  const call = client.makeBidiStreamRequest(path, same, same, { deadline: Date.now() + deadlineMs });
  try {
    return await work(call);
  } finally {
    call.cancel();
    client.close();
  }
}

/** Opens a stream of any method, sends nothing, and returns how the server ends it when this side is done. */
export function statusOfCall(path: string): Promise<Pick<StatusObject, "code" | "details">> {
  return withCall(
    path,
    (call) =>
      new Promise((resolve) => {
        call.on("data", () => {});
        call.on("error", () => {});
        call.on("status", resolve);
        call.end();
      }),
  );
}

/** Sends one request and returns the first response. Throws the status when there is none within the deadline. */
export function firstResponse<Req extends DescMessage, Res extends DescMessage>(
  path: string,
  request: Req,
  response: Res,
  fields: MessageInitShape<Req>,
): Promise<MessageShape<Res>> {
  return withCall(
    path,
    (call) =>
      new Promise((resolve, reject) => {
        call.on("data", (bytes: Buffer) => resolve(fromBinary(response, bytes)));
        call.on("error", reject);
        call.write(Buffer.from(toBinary(request, create(request, fields))));
        // The end makes a unary call complete; a stream may answer before it sees it.
        if (path.includes("/Fetch")) call.end();
      }),
  );
}
