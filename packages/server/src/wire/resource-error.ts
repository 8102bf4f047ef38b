import { fieldSize, writeHeader, writeString } from "./writer.js";

/** google.rpc.Code.NOT_FOUND */
const NOT_FOUND = 5;
const MESSAGE = "there is no such resource";

/**
 * An encoded envoy.service.discovery.v3.ResourceError: resource_name = 1 (ResourceName: name = 1), error_detail = 2
 * (google.rpc.Status: code = 1, message = 2).
 */
export function notFound(name: string): Buffer {
  const nameSize = fieldSize(Buffer.byteLength(name));
  const statusSize = 2 + fieldSize(MESSAGE.length);
  const buffer = Buffer.allocUnsafeSlow(fieldSize(nameSize) + fieldSize(statusSize));
  let at = writeString(buffer, writeHeader(buffer, 0, 1, nameSize), 1, name, Buffer.byteLength(name));
  at = writeHeader(buffer, at, 2, statusSize);
  buffer[at++] = 1 << 3;
  buffer[at++] = NOT_FOUND;
  writeString(buffer, at, 2, MESSAGE, MESSAGE.length);
  return buffer;
}
