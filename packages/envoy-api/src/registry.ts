import { readFileSync } from "node:fs";
import { createFileRegistry, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

let loaded: FileRegistry | undefined;

/**
 * Every message, enum and service of Envoy's v3 API, by type name: what `fromJson` and `toJson` need to open a
 * `google.protobuf.Any`.
 *
 * Built from a descriptor image on the first call, which takes some hundred milliseconds; later calls return the same
 * object. Nothing is loaded by importing this module. Its descriptors are equal to, but not the same objects as, the
 * `…Schema` constants of the generated modules: compare them by `typeName`.
 */
export function envoyRegistry(): FileRegistry {
  loaded ??= createFileRegistry(
    fromBinary(FileDescriptorSetSchema, readFileSync(new URL("../images/registry.binpb", import.meta.url))),
  );
  return loaded;
}
