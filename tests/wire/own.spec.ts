import { create, fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { TypedExtensionConfigSchema } from "@rxds/envoy-api/envoy/config/core/v3/extension";
import { HTTPFaultSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/fault/v3/fault";
import { HttpFilterSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { eventually } from "@rxds/testkit";
import {
  adsConfigSource,
  createSnapshot,
  createStore,
  edit,
  httpListener,
  NotReachedError,
  routes,
  type Scope,
  type Snapshot,
  type Store,
  scoped,
  typedConfig,
  typeUrlOf,
  typeUrls,
} from "rxds";
import { BehaviorSubject, of, Subject } from "rxjs";
import { describe, expect, test } from "vitest";
import { fetchStatus } from "../csds/status-client.js";
import { type Client, type Mode, modes, openClient } from "./client.js";
import { bodyOf, cluster, node, startWorld, type World } from "./world.js";

const { cluster: CDS, extensionConfig: ECDS, listener: LDS, routes: RDS } = typeUrls;
const NAME = "rxds.source";

/** A filter whose configuration has the same name for everybody. */
const filter = create(HttpFilterSchema, {
  name: NAME,
  configType: {
    case: "configDiscovery",
    value: { configSource: adsConfigSource(), typeUrls: [typeUrlOf(HTTPFaultSchema)] },
  },
});
const listener = httpListener({ name: "ingress", port: 10_000, routeConfig: "main", httpFilters: [filter] });

/** A configuration of that name. */
const source = (httpStatus: number) =>
  create(TypedExtensionConfigSchema, {
    name: NAME,
    typedConfig: typedConfig(HTTPFaultSchema, { abort: { errorType: { case: "httpStatus", value: httpStatus } } }),
  });

const own = (httpStatus: number) => createSnapshot([source(httpStatus)]);

/** The status in such a configuration, encoded. */
function statusIn(content: Uint8Array | undefined): number | undefined {
  const { typedConfig: any } = fromBinary(TypedExtensionConfigSchema, content ?? new Uint8Array());
  const abort = any && anyUnpack(any, HTTPFaultSchema)?.abort;
  return abort?.errorType.case === "httpStatus" ? abort.errorType.value : undefined;
}

const scope: Scope = { [CDS]: "all", [LDS]: ["ingress"], [RDS]: "all", [ECDS]: [NAME] };

/** Views of one store, `a` and `b`, each with a configuration of its own under one name; the store's own one nobody sees. */
async function startViews() {
  const views = { a: new BehaviorSubject(own(401)), b: new BehaviorSubject(own(402)) };
  const first = [cluster("shared"), listener, routes("main", { "/": "shared" }), source(500)];
  const world: World = await startWorld(first, {
    scope: (node) => node.cluster,
    snapshots: (key) => scoped(world.store, of(scope), { types: [ECDS], snapshots: views[key === "a" ? "a" : "b"] }),
    // So that also a client of the state of the world is answered when it asks for what is not there.
    resourceErrors: true,
  });
  return { world, views };
}

/** A client of a view, with the configuration that is the view's own. */
async function join(world: World, mode: Mode, key: string): Promise<{ client: Client; status: number | undefined }> {
  const client = openClient(world, mode, { id: key, cluster: key });
  client.ask(ECDS, NAME);
  return { client, status: statusIn((await client.accept()).body(NAME)) };
}

describe.each(modes)("views with resources of their own, over %s", (mode) => {
  test("show other contents under one name, and a change of one reaches only its clients", async () => {
    const { world, views } = await startViews();
    await using _ = world;
    const [a, b] = [await join(world, mode, "a"), await join(world, mode, "b")];
    expect([a.status, b.status]).toEqual([401, 402]);
    const mark = world.events.length;
    views.a.next(own(403));
    expect(statusIn((await a.client.accept()).body(NAME))).toBe(403);
    const sentTo = world.events.slice(mark).flatMap((event) => (event.kind === "sent" ? event.key : []));
    expect(sentTo).toEqual(["a"]);
    await b.client.silence();
    await a.client.silence();
  });

  test("show what they share to all, and of their own types nothing of it", async () => {
    const { world } = await startViews();
    await using _ = world;
    const clients = [(await join(world, mode, "a")).client, (await join(world, mode, "b")).client];
    for (const client of clients) {
      client.ask(CDS);
      expect((await client.accept()).names).toEqual(["shared"]);
    }
    world.put(cluster("more"), source(501));
    for (const client of clients) {
      expect((await client.accept()).names).toContain("more");
      await client.silence();
    }
  });

  test("are silent until the shared part, the scope and their own part are there, in whatever order", async () => {
    const stepsOf = (store: Store, scope$: Subject<Scope>, own$: Subject<Snapshot>) =>
      ({
        base: () => store.update((tx) => tx.set(cluster("shared"))),
        scope: () => scope$.next(scope),
        own: () => own$.next(own(401)),
      }) as const;
    for (const order of [
      ["base", "scope", "own"],
      ["own", "base", "scope"],
      ["scope", "own", "base"],
    ] as const) {
      const [store, scope$, own$] = [createStore(), new Subject<Scope>(), new Subject<Snapshot>()];
      const steps = stepsOf(store, scope$, own$);
      await using world = await startWorld([], {
        snapshots: () => scoped(store, scope$, { types: [ECDS], snapshots: own$ }),
      });
      const client = openClient(world, mode);
      client.ask(ECDS, NAME);
      await eventually(() => world.server.clients()[0]?.node.id === "n1");
      for (const step of order) {
        expect([world.server.ready(), world.events.filter(({ kind }) => kind === "sent")]).toEqual([false, []]);
        steps[step]();
      }
      expect(world.server.ready()).toBe(true);
      expect(statusIn((await client.accept()).body(NAME))).toBe(401);
    }
  });

  test("keep what they have when their source says something invalid, holds another type, or ends", async () => {
    const { world, views } = await startViews();
    await using _ = world;
    const { client } = await join(world, mode, "a");
    const foreign = edit(own(409), (draft) => draft.set(routes("foreign", {})));
    const twice = createSnapshot([source(410), source(411)]);
    for (const [bad, code] of [
      [foreign, "foreign-type"],
      [twice, "duplicate-name"],
    ] as const) {
      const mark = world.events.length;
      views.a.next(bad);
      const refused = { kind: "refused-snapshot", keys: ["a"], problems: [{ code, severity: "error" }] };
      expect(world.events.slice(mark)).toMatchObject([refused]);
    }
    await client.silence();
    views.a.next(own(403));
    expect(statusIn((await client.accept()).body(NAME))).toBe(403);
    views.a.complete();
    const ended = { kind: "source-ended", keys: ["a"], detail: expect.stringContaining("own resources completed") };
    expect(world.events.at(-1)).toMatchObject(ended);
    await client.silence();
  });

  test("can be waited for by the version of what is their own", async () => {
    const { world, views } = await startViews();
    await using _ = world;
    const { server } = world;
    const [a, b] = [await join(world, mode, "a"), await join(world, mode, "b")];
    const next = own(403);
    let done = false;
    const reached = server.converged(next.version).then(() => {
      done = true;
    });
    views.a.next(next);
    const answer = await a.client.next();
    // What another view has to do with other things does not matter, nor what this one has to do with other types.
    views.b.next(own(404));
    await b.client.next();
    world.put(cluster("more"));
    a.client.ask(CDS);
    await a.client.next();
    expect(done).toBe(false);
    answer.ack();
    await reached;
    await expect(server.converged(undefined, { deadlineMs: 1 })).rejects.toThrow(NotReachedError);
    await expect(server.converged("never", { deadlineMs: 1 })).rejects.toThrow("no such configuration");
  });

  test("serve a listener when its client has accepted what the listener needs of the view's own", async () => {
    const { world, views } = await startViews();
    await using _ = world;
    const { server } = world;
    const client = openClient(world, mode, { id: "a", cluster: "a" });
    client.ask(LDS);
    await client.accept();
    client.ask(RDS, "main");
    await client.accept();
    client.ask(ECDS, NAME);
    const filter = await client.next();
    await expect(server.listenerReady("a", "ingress", { deadlineMs: 1 })).rejects.toThrow(NotReachedError);
    filter.ack();
    await server.listenerReady("a", "ingress");
    views.a.next(own(403));
    const changed = await client.next();
    await expect(server.listenerReady("a", "ingress", { deadlineMs: 1 })).rejects.toThrow(NotReachedError);
    changed.ack();
    await server.listenerReady("a", "ingress");
  });

  test("are shown as they are in the client status (CSDS)", async () => {
    const { world, views } = await startViews();
    await using _ = world;
    await join(world, mode, "a");
    await join(world, mode, "b");
    const { config } = await fetchStatus(world.server.address);
    const shown = config.map(({ clientScope, genericXdsConfigs: [one] }) => [clientScope, one?.versionInfo]);
    const versions = (["a", "b"] as const).map((key) => [key, views[key].value.get(ECDS, NAME)?.version]);
    expect(shown.sort()).toEqual(versions);
  });
});

test("a client that comes back is sent of its view's own only what has changed", async () => {
  const { world, views } = await startViews();
  await using _ = world;
  const back = () => {
    const stream = world.delta();
    const held = { [NAME]: own(401).get(ECDS, NAME)!.version };
    const node = { id: "a", cluster: "a" };
    stream.send({ node, typeUrl: ECDS, resourceNamesSubscribe: [NAME], initialResourceVersions: held });
    return stream;
  };
  const first = back();
  await first.silence();
  await first[Symbol.asyncDispose]();
  await back().silence();
  views.a.next(own(403));
  expect(statusIn(bodyOf(await back().accept(), NAME))).toBe(403);
});

test("a view that nobody watches any more lets go of its own source, and is as good as new later", async () => {
  const own$ = new BehaviorSubject(own(401));
  await using world = await startWorld([cluster("shared")], {
    lingerMs: 1,
    snapshots: () => scoped(world.store, of(scope), { types: [ECDS], snapshots: own$ }),
  });
  for (const status of [401, 402]) {
    own$.next(own(status));
    const stream = world.delta();
    stream.send({ node, typeUrl: ECDS, resourceNamesSubscribe: [NAME] });
    expect(statusIn(bodyOf(await stream.accept(), NAME))).toBe(status);
    expect(own$.observed).toBe(true);
    await stream[Symbol.asyncDispose]();
    await eventually(() => !own$.observed);
  }
});

test("what the shared part names of own types leads nowhere to a strict check, unless it is declared as external", async () => {
  for (const external of [{}, { [ECDS]: [NAME] }]) {
    const base = of(createSnapshot([listener, routes("main", { "/": { directResponse: { status: 200 } } })]));
    await using world = await startWorld([], {
      checks: { references: "strict", external },
      snapshots: (key) => scoped(key === "" ? base : of(), of(scope), { types: [ECDS], snapshots: of(own(401)) }),
    });
    const client = openClient(world, "delta");
    client.ask(LDS);
    if (Object.keys(external).length > 0) {
      expect((await client.accept()).names).toEqual(["ingress"]);
      continue;
    }
    const refused = { kind: "refused-snapshot", problems: [{ code: "dangling-reference", name: "ingress" }] };
    await eventually(() => expect(world.events.find(({ kind }) => kind === "refused-snapshot")).toMatchObject(refused));
  }
});
