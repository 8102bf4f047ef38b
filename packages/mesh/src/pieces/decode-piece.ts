import { fromBinary } from "@bufbuild/protobuf";
import {
  type RedirectGroupPiece,
  type RedirectPiece,
  RedirectPieceSchema,
  RedirectProtocol,
  type RedirectServicePiece,
} from "@rxds/envoy-api/rxds/mesh/v1/redirect_plan";
import type { RedirectEntry, RedirectGroup } from "../plan/redirect-plan.js";
import { PLAN_PIECE } from "./piece-names.js";
import { PlanPieceError } from "./plan-piece-error.js";

/** Decodes a piece. @throws PlanPieceError */
export function decodePiece(name: string, value: Uint8Array): RedirectPiece["piece"] {
  let piece: RedirectPiece["piece"];
  try {
    piece = fromBinary(RedirectPieceSchema, value).piece;
  } catch (cause) {
    throw new PlanPieceError(name, `expected a ${RedirectPieceSchema.typeName}, got other bytes`, { cause });
  }
  const kinds = { plan: PLAN_PIECE, group: "group …", service: "service …" };
  if (piece.case === undefined) throw new PlanPieceError(name, `expected one of ${Object.keys(kinds).join(", ")}`);
  if ((piece.case === "plan") !== (name === PLAN_PIECE)) {
    throw new PlanPieceError(name, `holds a ${piece.case}; expected the name ${JSON.stringify(kinds[piece.case])}`);
  }
  return piece;
}

/** A group without its entries. */
export function groupOf({ proxy, workloads, inbound }: RedirectGroupPiece): Omit<RedirectGroup, "entries"> {
  return {
    proxy,
    workloads: workloads.map(({ name, addresses, networkNamespace, cgroup }) => ({
      name,
      addresses,
      ...(networkNamespace === undefined ? {} : { networkNamespace }),
      ...(cgroup === undefined ? {} : { cgroup }),
    })),
    ...(inbound === undefined ? {} : { inbound: { port: inbound.port, listener: inbound.listener } }),
  };
}

/** The entries of a service. @throws PlanPieceError */
export function entriesOf(name: string, { service, entries }: RedirectServicePiece): readonly RedirectEntry[] {
  return entries.map(({ address, port, protocol, toAddress, toPort, listeners, closed }) => {
    if (protocol !== RedirectProtocol.TCP && protocol !== RedirectProtocol.UDP) {
      throw new PlanPieceError(name, `protocol ${protocol} of ${address}:${port}; expected TCP (1) or UDP (2)`);
    }
    return {
      address,
      port,
      protocol: protocol === RedirectProtocol.UDP ? "udp" : "tcp",
      service,
      to: { address: toAddress, port: toPort },
      listeners,
      ...(closed ? { closed } : {}),
    };
  });
}
