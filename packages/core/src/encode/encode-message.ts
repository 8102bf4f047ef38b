import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { orderMaps } from "./map-order.js";

/**
 * The message in protobuf's binary format, with map entries in an order that depends on their keys alone.
 *
 * Plain `toBinary` writes map entries in the order in which they were inserted, so that two processes that fill a map
 * differently get different bytes, and with them different resource versions, for the same configuration. Maps are put
 * in order at every depth, also inside `google.protobuf.Struct`; only `google.protobuf.Any` values that are packed
 * already stay as they are (pack them with `packAny`). Unknown fields are kept. The message is not changed.
 *
 * @throws Error when the message cannot be encoded, for example because a number is out of its field's range.
 */
export function encodeMessage<Desc extends DescMessage>(
  schema: Desc,
  message: MessageShape<Desc>,
): Uint8Array<ArrayBuffer> {
  return toBinary(schema, orderMaps(schema, message));
}
