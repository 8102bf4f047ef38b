import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema } from "@bufbuild/protobuf/wkt";
import { milliseconds } from "../model/fields.js";

/** `"5s"` as a message. */
export function duration(text: string): Duration {
  const ms = milliseconds(text);
  return create(DurationSchema, { seconds: BigInt(Math.floor(ms / 1000)), nanos: (ms % 1000) * 1_000_000 });
}
