import { Metadata, type ServerDuplexStream, type StatusObject, status } from "@grpc/grpc-js";
import type { BytesCall, BytesCallHandler } from "../calls/bytes-call.js";
import type { CallError } from "../calls/call-error.js";
import { peerOf } from "./grpc-channel.js";

/** A bidirectional call of a method whose messages stay encoded. */
export type DuplexCall = ServerDuplexStream<Buffer, Buffer>;

/** How an error ends a call. */
export function statusOfError({ code, message }: CallError): StatusObject {
  return { code: status[code], details: message, metadata: new Metadata() };
}

/** A grpc-js call as one that knows no transport. */
export function bytesCall(call: DuplexCall): BytesCall {
  return {
    peer: peerOf(call),
    write: (bytes, done) => void call.write(bytes, () => done()),
    pause: () => void call.pause(),
    resume: () => void call.resume(),
    end(error) {
      if (error === undefined) call.end();
      else call.emit("error", statusOfError(error));
    },
  };
}

/** Tells a handler what comes in on a call. */
export function listen(call: DuplexCall, handler: BytesCallHandler): void {
  call.on("data", (bytes: Buffer) => handler.message(bytes));
  call.on("end", () => handler.ended());
  for (const event of ["cancelled", "close", "error"]) call.on(event, () => handler.over());
}
