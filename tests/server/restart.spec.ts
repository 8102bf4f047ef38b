import { eventually, rawXds } from "@rxds/testkit";
import { createSnapshot, edsCluster, endpoints, type Snapshot, serveXds, typeUrls } from "rxds";
import { ReplaySubject } from "rxjs";
import { expect, test } from "vitest";

const node = { id: "n1", cluster: "c" };
/** The same configuration, made anew, as another process would. */
const configuration = () =>
  createSnapshot([
    edsCluster({ name: "a" }),
    edsCluster({ name: "b" }),
    endpoints("a", ["127.0.0.1:9001"]),
    endpoints("b", ["127.0.0.1:9002"]),
  ]);

/** A control plane that was started again and whose source has said nothing so far. */
async function restarted() {
  const snapshot$ = new ReplaySubject<Snapshot>(1);
  const server = await serveXds({ address: "127.0.0.1:0", snapshots: snapshot$ });
  return { server, snapshot$ };
}

test("delta: a restarted control plane sends nothing again of what a client says that it holds", async () => {
  const first = await restarted();
  first.snapshot$.next(configuration());
  const held = async (typeUrl: string, names: string[]) => {
    await using stream = rawXds({ address: first.server.address, mode: "delta" });
    stream.send({ node, typeUrl, resourceNamesSubscribe: names });
    const { resources } = await stream.next();
    return Object.fromEntries(resources.map(({ name, version }) => [name, version]));
  };
  const clusters = await held(typeUrls.cluster, []);
  const hosts = await held(typeUrls.endpoints, ["a", "b"]);
  expect(Object.keys(clusters).sort()).toEqual(["a", "b"]);
  await first.server.close();

  const second = await restarted();
  try {
    await using stream = rawXds({ address: second.server.address, mode: "delta" });
    stream.send({ node, typeUrl: typeUrls.cluster, initialResourceVersions: clusters });
    stream.send({ typeUrl: typeUrls.endpoints, resourceNamesSubscribe: ["a", "b"], initialResourceVersions: hosts });
    await eventually(() => expect(second.server.clients()).toHaveLength(1));
    expect(stream.received).toEqual([]);
    second.snapshot$.next(configuration());
    const answer = await stream.nextOfType(typeUrls.cluster);
    expect(answer).toMatchObject({ resources: [], removedResources: [] });
    stream.ack(answer);
    await second.server.converged();
    // A name that does not exist is answered at once: so nothing else was to be said.
    stream.send({ typeUrl: typeUrls.routes, resourceNamesSubscribe: ["none"] });
    expect((await stream.next()).removedResources).toEqual(["none"]);
    expect(stream.received).toHaveLength(2);
  } finally {
    await second.server.close();
  }
});

test("state of the world: a restarted control plane sends no wildcard again whose version a client says that it holds", async () => {
  const first = await restarted();
  first.snapshot$.next(configuration());
  let versionInfo = "";
  {
    await using stream = rawXds({ address: first.server.address, mode: "sotw" });
    stream.send({ node, typeUrl: typeUrls.cluster });
    ({ versionInfo } = await stream.next());
  }
  await first.server.close();

  const second = await restarted();
  try {
    await using stream = rawXds({ address: second.server.address, mode: "sotw" });
    stream.send({ node, typeUrl: typeUrls.cluster, versionInfo });
    await eventually(() => expect(second.server.clients()).toHaveLength(1));
    expect(stream.received).toEqual([]);
    second.snapshot$.next(configuration());
    // What is asked for by name is sent: a client may have dropped it since it had that version.
    await stream.expectSilence({ typeUrl: typeUrls.endpoints, resourceNames: ["a"] });
    expect(stream.received).toHaveLength(1);
  } finally {
    await second.server.close();
  }
});
