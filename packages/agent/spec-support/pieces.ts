import { fromBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import type { Snapshot } from "@rxds/core";
import { type PlanPiece, REDIRECT_PIECE } from "@rxds/mesh";
import type { Observable } from "rxjs";

/** Pieces of the newest snapshot, by name, as a client has them. */
export function pieces(snapshots: Observable<Snapshot>, names: readonly string[]): readonly PlanPiece[] {
  let found: PlanPiece[] = [];
  snapshots.subscribe((snapshot) => {
    found = names.map((name) => {
      const { version, body } = snapshot.get(REDIRECT_PIECE, name)!;
      return { name, version, value: fromBinary(AnySchema, body).value };
    });
  });
  return found;
}
