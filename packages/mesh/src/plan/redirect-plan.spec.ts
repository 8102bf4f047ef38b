import { expect, test } from "vitest";
import { authorizationPolicy, mesh, node, service, settings, workload } from "../../spec-support/documents.js";
import { planRedirects } from "../compile-mesh.js";
import type { MeshDocument } from "../model/document.js";

const documents = (topology: "sidecar" | "node", ...more: MeshDocument[]) =>
  mesh(
    settings({ topology, enrol: [{ namespaces: ["default"] }] }),
    node("n1", { addresses: ["10.0.0.1", "fd00::1"] }),
    workload("web", { addresses: ["10.1.0.1"], node: "n1", networkNamespace: "/run/netns/web" }, { app: "web" }),
    workload("job", { addresses: ["10.1.0.2"], node: "n1" }, { app: "job", "rxds.dev/topology": "sidecar" }),
    workload("agent", { addresses: ["10.0.0.1"], node: "n1", hostNetwork: true }),
    workload("other/far", { addresses: ["10.1.0.3"], node: "n1" }),
    service("echo", {
      addresses: ["10.96.0.1", "fd00:96::1"],
      ports: [
        { port: 80, protocol: "http" },
        { port: 53, protocol: "udp" },
      ],
    }),
    ...more,
  );

test("enrolled workloads of a node share its Envoy, one with the label keeps its own; who shares the node's network is left alone", () => {
  const { groups } = planRedirects(documents("node"), "n1");
  expect(groups.map(({ inbound }) => inbound)).toEqual([undefined, { port: 15_006, listener: "inbound/default/job" }]);
  expect(groups.map(({ proxy, workloads }) => [proxy, workloads])).toEqual([
    ["node~n1", [{ name: "default/web", addresses: ["10.1.0.1"], networkNamespace: "/run/netns/web" }]],
    ["sidecar~default/job", [{ name: "default/job", addresses: ["10.1.0.2"] }]],
  ]);
});

test("entries lead to the proxy's address of the same family, and name the listeners that they need", () => {
  const [shared, own] = planRedirects(documents("node"), "n1").groups;
  const to = ({ address, port, protocol, to, listeners }: NonNullable<typeof shared>["entries"][number]) =>
    `${address} ${port}/${protocol} -> ${to.address} ${protocol === "udp" ? "udp" : to.port}: ${listeners.join(" ").replace(/1[56]\d\d\d$/, "udp")}`;
  expect(shared?.entries.map(to)).toEqual([
    "10.96.0.1 53/udp -> 10.0.0.1 udp: udp/10.0.0.1:udp",
    "10.96.0.1 80/tcp -> 10.0.0.1 15001: redirect/10.0.0.1:15001 tcp/10.96.0.1:80",
    "fd00:96::1 53/udp -> fd00::1 udp: udp/[fd00::1]:udp",
    "fd00:96::1 80/tcp -> fd00::1 15001: redirect/[fd00::1]:15001 tcp/[fd00:96::1]:80",
  ]);
  expect(own?.entries.filter(({ protocol }) => protocol === "tcp").map(to)).toEqual([
    "10.96.0.1 80/tcp -> 127.0.0.1 15001: redirect/127.0.0.1:15001 tcp/10.96.0.1:80",
    "fd00:96::1 80/tcp -> ::1 15001: redirect/[::1]:15001 tcp/[fd00:96::1]:80",
  ]);
});

test("a service that keeps a caller out is a closed door for it", () => {
  const kept = service("safe/kept", { addresses: ["10.96.0.9"], ports: [{ port: 80, protocol: "http" }] });
  const policy = authorizationPolicy("safe/allow", { action: "allow", rules: [{ from: [{ namespaces: ["safe"] }] }] });
  const entry = planRedirects(documents("node", kept, policy), "n1").groups[0]?.entries.find(
    ({ address }) => address === "10.96.0.9",
  );
  expect(entry).toMatchObject({
    closed: true,
    to: { address: "10.0.0.1", port: 15001 },
    listeners: ["redirect/10.0.0.1:15001"],
  });
});

test("equal meshes have plans of the same generation, others of another", () => {
  const generation = (...more: MeshDocument[]) => planRedirects(documents("node", ...more), "n1").generation;
  expect(generation()).toBe(generation());
  // What changes nothing for the node changes no plan.
  expect(generation(node("n2", { addresses: ["10.0.0.2"] }))).toBe(generation());
  expect(generation(service("more", { addresses: ["10.96.0.2"], ports: [{ port: 80 }] }))).not.toBe(generation());
});

test("a plan says what becomes of connections while a proxy is away, if they are not refused", () => {
  const plan = (whenProxyAway: "refuse" | "pass") =>
    planRedirects(mesh(settings({ enrol: [{}], whenProxyAway }), node("n1", { addresses: ["10.0.0.1"] })), "n1");
  expect(plan("refuse").whenAway).toBeUndefined();
  expect(plan("pass").whenAway).toBe("pass");
  expect(plan("pass").generation).not.toBe(plan("refuse").generation);
});
