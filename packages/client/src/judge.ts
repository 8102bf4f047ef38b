import type { DescMessage } from "@bufbuild/protobuf";
import type { Judge } from "./protocol/find-faults.js";
import type { XdsResource } from "./resource.js";

/** Judges a resource by decoding it, if its schema is known, and by asking the user. Never throws. */
export function judgeWith(
  schema: DescMessage | undefined,
  accept: ((resource: XdsResource) => string | undefined) | undefined,
): Judge {
  return (resource) => {
    try {
      if (schema !== undefined) resource.decode(schema);
      return accept?.(resource);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
}
