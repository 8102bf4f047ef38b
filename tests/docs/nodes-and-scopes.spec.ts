import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServerCredentials } from "@grpc/grpc-js";
import { type Envoy, eventually, withEnvoy } from "@rxds/testkit";
import {
  ClientRefusedError,
  createSnapshot,
  createStore,
  endpoints,
  type ServeXdsOptions,
  scoped,
  serveXds,
  staticCluster,
  typeUrls,
  type XdsEvent,
} from "rxds";
import { BehaviorSubject, map } from "rxjs";
import { expect, test } from "vitest";
import { authority } from "../core/certificates.js";

/** What docs/guides/nodes-and-scopes.md promises, with real Envoys. */

const clusterNamed = (name: string) => staticCluster({ name, endpoints: ["127.0.0.1:9"] });

/** The clusters of an Envoy that came from the server. */
async function clustersOf(envoy: Envoy): Promise<string[]> {
  const { clusterStatuses } = await envoy.clusters();
  return clusterStatuses.flatMap(({ name, addedViaApi }) => (addedViaApi ? [name] : [])).sort();
}

/** Runs a control plane, and ends it whatever happens. */
async function withServer<T>(
  options: Omit<ServeXdsOptions, "address">,
  body: (address: string, events: readonly XdsEvent[]) => Promise<T>,
): Promise<T> {
  await using server = await serveXds({ address: "127.0.0.1:0", ...options });
  const events: XdsEvent[] = [];
  server.events$.subscribe((event) => events.push(event));
  return await body(server.address, events);
}

test("clients get what their key shows", async () => {
  const options: Omit<ServeXdsOptions, "address"> = {
    scope: (node) => node.cluster,
    snapshots: (key) => createSnapshot([clusterNamed(`of-${key}`)]),
  };
  await withServer(options, async (ads) => {
    for (const cluster of ["edge", "inner"]) {
      await withEnvoy({ ads, node: { id: "n", cluster } }, async (envoy) => {
        await envoy.ready();
        expect(await clustersOf(envoy)).toEqual([`of-${cluster}`]);
      });
    }
  });
});

test("views of one store show what their scope says, and follow it", async () => {
  const store = createStore();
  store.update((tx) => {
    for (const name of ["web", "api", "db"]) tx.set(clusterNamed(name), endpoints(name, ["10.0.0.1:80"]));
  });
  const names$ = new BehaviorSubject<readonly string[]>(["web"]);
  const scope$ = names$.pipe(map((names) => ({ [typeUrls.cluster]: names, [typeUrls.listener]: "all" as const })));
  await withServer({ snapshots: () => scoped(store, scope$) }, async (ads, events) => {
    await withEnvoy({ ads }, async (envoy) => {
      await envoy.ready();
      expect(await clustersOf(envoy)).toEqual(["web"]);
      names$.next(["api", "db"]);
      await eventually(async () => expect(await clustersOf(envoy)).toEqual(["api", "db"]));
      const mark = events.length;
      store.update((tx) => tx.set(staticCluster({ name: "web", endpoints: [] }), clusterNamed("late")));
      store.update((tx) => tx.set(staticCluster({ name: "db", endpoints: [] })));
      await eventually(() => expect(events.slice(mark).map(({ kind }) => kind)).toContain("acked"));
      const sent = events.slice(mark).flatMap((event) => (event.kind === "sent" ? event.names : []));
      expect(sent, "what the view does not show is not sent").toEqual(["db"]);
    });
  });
});

test("the certificate decides what a client is shown, and who is turned away", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rxds-tls-"));
  try {
    const root = await authority();
    const [server, red, stranger] = await Promise.all([
      root.issue("server"),
      root.issue("red", ["spiffe://example.org/team/red"]),
      root.issue("stranger", ["spiffe://example.org/other"]),
    ]);
    const write = async (name: string, pem: string) => {
      await writeFile(join(folder, name), pem, { mode: 0o600 });
      return join(folder, name);
    };
    const ca = await write("ca.pem", root.cert);
    const tlsOf = async (name: string, { cert, key }: typeof red) => ({
      ca,
      cert: await write(`${name}.pem`, cert),
      key: await write(`${name}-key.pem`, key),
      serverName: "localhost",
    });
    const keys = [{ cert_chain: Buffer.from(server.cert), private_key: Buffer.from(server.key) }];
    const options: Omit<ServeXdsOptions, "address"> = {
      credentials: ServerCredentials.createSsl(Buffer.from(root.cert), keys, true),
      scope: (_node, { certificate }) => {
        const team = certificate?.subjectAltNames.flatMap(
          (name) => /^URI:spiffe:\/\/example\.org\/team\/(\w+)$/.exec(name)?.[1] ?? [],
        );
        if (team?.[0] === undefined) throw new ClientRefusedError("a certificate of a team is needed");
        return team[0];
      },
      snapshots: (key) => createSnapshot([clusterNamed(`of-${key}`)]),
    };
    await withServer(options, async (ads, events) => {
      await withEnvoy({ ads, tls: await tlsOf("red", red) }, async (envoy) => {
        await envoy.ready();
        expect(await clustersOf(envoy)).toEqual(["of-red"]);
      });
      await withEnvoy({ ads, tls: await tlsOf("stranger", stranger) }, async (envoy) => {
        await eventually(() => expect(events.map(({ kind }) => kind)).toContain("refused-client"));
        // Envoy logs the status (7: PERMISSION_DENIED) and the message, percent-encoded as it travelled.
        await eventually(() => expect(envoy.log()).toMatch(/closed: 7, a(%20| )certificate(%20| )of/));
        expect(await clustersOf(envoy)).toEqual([]);
      });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
