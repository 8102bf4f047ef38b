/** An Envoy of the mesh: a workload's own, or a node's. */
export type MeshProxy =
  | {
      readonly kind: "sidecar";
      /** `"namespace/name"`. */
      readonly workload: string;
    }
  | {
      readonly kind: "node";
      /** The node's name. */
      readonly node: string;
    };

/** A proxy as its Envoy names itself (`node.id`): `"sidecar~namespace/name"` or `"node~name"`. */
export function proxyId(proxy: MeshProxy): string {
  return proxy.kind === "sidecar" ? `sidecar~${proxy.workload}` : `node~${proxy.node}`;
}

/** The proxy of a `node.id`; undefined: it has another form. */
export function parseProxyId(id: string): MeshProxy | undefined {
  const [, kind, name = ""] = /^(sidecar|node)~(.+)$/.exec(id) ?? [];
  if (kind === "node") return { kind, node: name };
  if (kind === "sidecar" && /^[^/]+\/[^/]+$/.test(name)) return { kind, workload: name };
  return undefined;
}
