import { create } from "@bufbuild/protobuf";
import { createSnapshot, endpoints, type Resource, type Snapshot } from "@rxds/core";
import { SocketAddressSchema } from "@rxds/envoy-api/envoy/config/core/v3/address";
import type { Content } from "./model.js";
import { type Kind, resourceOf } from "./samples.js";

/** A configuration as resources. */
export function resourcesOf(content: Content): Resource[] {
  return [...content].flatMap(([kind, resources]) =>
    [...resources].map(([name, value]) => resourceOf({ kind: kind as Kind, name, value })),
  );
}

/** A configuration with something in it that makes a server refuse all of it. */
export function invalidSnapshot(content: Content, how: "duplicate" | "port"): Snapshot {
  const bad = endpoints("a", ["127.0.0.1:1"]);
  const host = bad.endpoints[0]!.lbEndpoints[0]!.hostIdentifier;
  const socket = create(SocketAddressSchema, {
    address: "127.0.0.1",
    portSpecifier: { case: "portValue", value: 70_000 },
  });
  if (host.case === "endpoint") host.value.address!.address = { case: "socketAddress", value: socket };
  const custom = (value: number) => resourceOf({ kind: "custom", name: "a", value });
  const extra = how === "port" ? [bad] : [custom(7), custom(8)];
  return createSnapshot([...resourcesOf(content).filter(({ name }) => name !== "a"), ...extra]);
}
