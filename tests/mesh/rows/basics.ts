import type { Row } from "./row.js";

/** What services are like: protocols, families, and who sees them. */
export const basics: readonly Row[] = [
  {
    name: "HTTP by IPv4, shared by all workloads",
    covers: ["Service.ports[].protocol", "Service.selector.*"],
    ask: async ({ brief }) => [await brief("web", "echo"), await brief("web", "echo")].sort(),
    expect: ["200 back-a", "200 back-b"],
  },
  {
    name: "HTTP by IPv6",
    covers: ["Service.addresses[]"],
    ask: async ({ brief, addresses }) => {
      const address = addresses("echo")[1]!;
      return [await brief("web", "echo", { address }), await brief("web", "echo", { address })].sort();
    },
    expect: ["200 back-a", "200 back-b"],
  },
  {
    name: "gRPC goes on as HTTP/2",
    covers: ["Service.ports[].protocol"],
    ask: async ({ http }) => {
      const { status, received } = await http("web", "echo", {
        port: 81,
        http2: true,
        method: "POST",
        path: "/a.B/C",
        headers: { "content-type": "application/grpc", te: "trailers" },
      });
      return { status, type: received?.["content-type"], te: received?.te };
    },
    expect: { status: 200, type: "application/grpc", te: "trailers" },
  },
  {
    name: "TCP",
    covers: ["Service.ports[].protocol"],
    ask: async ({ tcp }) => [await tcp("web", "echo", 82, "hello\n"), await tcp("web", "echo", 82, "hello\n")].sort(),
    expect: ["back-a: hello", "back-b: hello"],
  },
  {
    name: "TCP of a server that speaks first",
    covers: ["Service.ports[].protocol"],
    ask: async ({ tcp }) => [await tcp("web", "echo", 83), await tcp("web", "echo", 83)].sort(),
    expect: ["back-a", "back-b"],
  },
  {
    name: "UDP",
    covers: ["Service.ports[].protocol"],
    ask: async ({ udp }) =>
      [await udp("web", "echo", 53, "one"), await udp("web", "echo", 53, "two")].map((text) => text.slice(0, 5)),
    expect: ["back-", "back-"],
  },
  {
    name: "services of other namespaces are not seen",
    covers: ["Mesh.scope"],
    ask: async ({ http }) => (await http("guarded/vault", "blue", { timeoutMs: 1000 })).error !== undefined,
    expect: true,
  },
];
