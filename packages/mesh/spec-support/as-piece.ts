import { fromBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import type { Resource } from "@rxds/core";
import type { PlanPiece } from "../src/pieces/plan-assembler.js";

/** A resource as a client has it: the value of its Any, and nothing of the server's objects. */
export function asPiece({ name, version, body }: Resource): PlanPiece {
  return { name, version, value: fromBinary(AnySchema, body).value };
}
