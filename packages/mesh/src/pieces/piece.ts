import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { createOpaqueResource, encodeMessage, type Resource } from "@rxds/core";
import { RedirectPieceSchema } from "@rxds/envoy-api/rxds/mesh/v1/redirect_plan";
import { pieceCosts } from "./piece-costs.js";
import { REDIRECT_PIECE } from "./piece-names.js";

/** Encodes a piece. */
export function buildPiece(
  name: string,
  piece: NonNullable<MessageInitShape<typeof RedirectPieceSchema>["piece"]>,
): Resource {
  pieceCosts.built++;
  const value = encodeMessage(RedirectPieceSchema, create(RedirectPieceSchema, { name, piece }));
  return createOpaqueResource({ typeUrl: REDIRECT_PIECE, value }, name);
}
