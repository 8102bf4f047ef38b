import { create, toBinary } from "@bufbuild/protobuf";
import { ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { rawXds } from "@rxds/testkit";
import type { Control } from "./client.js";

/**
 * Sees that the server serves a cluster at all, in one variant of the protocol at least: if not, no test could say anything.
 *
 * @throws Error when neither variant brings the cluster.
 */
export async function checkAlive(address: string, control: Control): Promise<void> {
  const cluster = create(ClusterSchema, { name: "alive", connectTimeout: { seconds: 1n } });
  const typeUrl = `type.googleapis.com/${cluster.$typeName}`;
  const value = Buffer.from(toBinary(ClusterSchema, cluster)).toString("base64");
  await control.put({ resources: [{ type_url: typeUrl, name: cluster.name, value }] });
  await Promise.any([
    ask(rawXds({ address, mode: "delta" }), typeUrl),
    ask(rawXds({ address, mode: "sotw" }), typeUrl),
  ]).catch((error: unknown) => {
    throw new Error(`the server at ${address} was given a cluster and did not serve it`, { cause: error });
  });
}

/** What both variants of a stream can do, as far as it is needed here. */
interface Stream extends AsyncDisposable {
  send(request: { readonly node: { readonly id: string }; readonly typeUrl: string }): void;
  next(options: { readonly deadlineMs: number }): Promise<{ readonly resources: readonly unknown[] }>;
}

async function ask(stream: Stream, typeUrl: string): Promise<void> {
  await using open = stream;
  open.send({ node: { id: "conformance" }, typeUrl });
  const { resources } = await open.next({ deadlineMs: 5000 });
  if (resources.length !== 1) throw new Error(`expected one cluster, got ${resources.length}`);
}
