import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromJson } from "@bufbuild/protobuf";
import { type Bootstrap, BootstrapSchema } from "@rxds/envoy-api/envoy/config/bootstrap/v3/bootstrap";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import { type LabNode, type LabPod, netLab } from "@rxds/testkit";
import { parse } from "yaml";
import { root } from "./program.js";

/** The nodes and pods of the mesh of an example, and a copy of its folder that may be changed. */
export interface MeshLab extends AsyncDisposable {
  readonly nodes: Readonly<Record<"node-a" | "node-b", LabNode>>;
  readonly pods: Readonly<Record<"web" | "orders" | "orders-next", LabPod>>;
  /** The copy of `mesh/`. */
  readonly mesh: string;
  /** Where its control plane serves. */
  readonly ads: string;
  /** Options for an Envoy with the example's own bootstrap, under the id of a proxy. */
  envoy(id: string): Promise<{ readonly bootstrap: (bootstrap: Bootstrap) => void }>;
}

/** Makes what the documents of an example speak of, and starts its servers. */
export async function meshLab(example: string): Promise<MeshLab> {
  const folder = await mkdtemp(join(tmpdir(), "rxds-mesh-example-"));
  const mesh = join(folder, "mesh");
  await cp(join(root, "examples", example, "mesh"), mesh, { recursive: true });
  const lab = await netLab({ virtualRanges: ["10.96.0.0/16"] });
  const [a, b] = await Promise.all([
    lab.node("node-a", { addresses: ["10.244.1.1"] }),
    lab.node("node-b", { addresses: ["10.244.2.1"] }),
  ]);
  const [web, orders, next] = await Promise.all([
    a.pod("web", { addresses: ["10.244.1.10"] }),
    b.pod("orders", { addresses: ["10.244.2.10"] }),
    b.pod("orders-next", { addresses: ["10.244.2.11"] }),
  ]);
  for (const pod of [orders, next]) await (await pod.agent()).serveHttp({ port: 8080, name: pod.name });
  const socket = join(folder, "xds.sock");
  return {
    nodes: { "node-a": a, "node-b": b },
    pods: { web, orders, "orders-next": next },
    mesh,
    ads: `unix:${socket}`,
    async envoy(id) {
      const text = await readFile(join(root, "examples", example, "envoy.yaml"), "utf8");
      const own = fromJson(BootstrapSchema, parse(text.replace("/run/mesh/xds.sock", socket)), {
        registry: envoyRegistry(),
      });
      own.node!.id = id;
      return {
        // The testkit's own is replaced, but for where the admin interface is.
        bootstrap: (bootstrap) => void Object.assign(bootstrap, own, { admin: bootstrap.admin }),
      };
    },
    async [Symbol.asyncDispose]() {
      await lab.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
