import type { JsonObject } from "@bufbuild/protobuf";

/** Under this key clusters and routes say what they stand for; access logs and statistics read it. */
export const METADATA = "rxds";

/** The metadata of one message. */
export function metadata(fields: JsonObject): { filterMetadata: Record<string, JsonObject> } {
  return { filterMetadata: { [METADATA]: fields } };
}
