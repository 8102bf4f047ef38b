import { isIP } from "node:net";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PrincipalSchema } from "@rxds/envoy-api/envoy/config/rbac/v3/rbac";
import type { Principals } from "./authorization.js";
import { canonicalAddress } from "./names.js";
import type { AbsoluteSource } from "./source.js";

type PrincipalInit = MessageInitShape<typeof PrincipalSchema>;

/** Finds the addresses that callers have now. */
export type AddressesOf = (source: AbsoluteSource) => readonly string[];

/**
 * Callers told by the address that a connection comes from: for the proxy that it comes to. A node's Envoy calls for its
 * workloads with an address of its own, and has asked for them already: it is none of the callers.
 */
export function byAddress(addressesOf: AddressesOf): Principals {
  return (source) => fromAny(addressesOf(source));
}

/** Whoever has one of these addresses; nobody, if there are none. */
export function fromAny(addresses: readonly string[]): PrincipalInit {
  const ids = [...new Set(addresses.map(canonicalAddress))].sort().map(
    (address): PrincipalInit => ({
      identifier: {
        case: "directRemoteIp",
        value: { addressPrefix: address, prefixLen: isIP(address) === 6 ? 128 : 32 },
      },
    }),
  );
  if (ids.length === 0) return { identifier: { case: "notId", value: { identifier: { case: "any", value: true } } } };
  return ids.length === 1 ? ids[0]! : { identifier: { case: "orIds", value: { ids } } };
}
