import type { DeltaDiscoveryResponse } from "@rxds/envoy-api/envoy/service/discovery/v3/discovery";
import { eventually } from "@rxds/testkit";
import { typeUrls } from "rxds";
import { cluster, type Delta, namesOf, node, startWorld, type World } from "./world.js";

const CDS = typeUrls.cluster;
const LDS = typeUrls.listener;

/** Versions by name. */
export type Versions = Record<string, string>;

/** The versions of a response's resources. */
export const versionsOf = ({ resources }: DeltaDiscoveryResponse): Versions =>
  Object.fromEntries(resources.map(({ name, version }) => [name, version]));

/** A client that has accepted the first clusters, and their versions. */
export async function started(items: Parameters<typeof startWorld>[0] = [cluster("a"), cluster("b")]) {
  const world = await startWorld(items);
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS });
  return { world, stream, held: versionsOf(await stream.accept()) };
}

/** The stream ends, and the server knows. */
export async function lose(world: World, stream: Delta): Promise<void> {
  const ended = () => world.events.filter(({ kind }) => kind === "disconnected").length;
  const before = ended();
  await stream[Symbol.asyncDispose]();
  await eventually(() => ended() > before, { intervalMs: 1 });
}

/** Rejects the next response, and waits until the server knows. */
export async function reject(world: World, stream: Delta, message = "no good"): Promise<void> {
  stream.nack(await stream.next(), message);
  await eventually(() => world.events.some(({ kind }) => kind === "rejected"), { intervalMs: 1 });
}

/** Comes back with clusters. Returns what it is sent first, which it does not accept. */
export async function back(world: World, held: Versions) {
  const stream = world.delta();
  stream.send({ node, typeUrl: CDS, initialResourceVersions: held });
  const first = await stream.next();
  // Until it has said what listens it keeps its clusters.
  stream.send({ typeUrl: LDS });
  stream.ack(await stream.nextOfType(LDS));
  return { stream, first, said: [namesOf(first), first.removedResources] };
}
