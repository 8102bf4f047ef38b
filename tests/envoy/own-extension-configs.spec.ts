import { create } from "@bufbuild/protobuf";
import { TypedExtensionConfigSchema } from "@rxds/envoy-api/envoy/config/core/v3/extension";
import { HTTPFaultSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/fault/v3/fault";
import { HttpFilterSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { type Envoy, eventually, httpGet, withEnvoy } from "@rxds/testkit";
import {
  adsConfigSource,
  createSnapshot,
  edit,
  httpListener,
  routes,
  type Snapshot,
  scoped,
  serveXds,
  typedConfig,
  typeUrlOf,
  typeUrls,
  type XdsEvent,
} from "rxds";
import { BehaviorSubject, of } from "rxjs";
import { describe, expect, test } from "vitest";

const NAME = "answer";

/** A filter whose configuration comes over xDS. */
const discovered = create(HttpFilterSchema, {
  name: NAME,
  configType: {
    case: "configDiscovery",
    value: { configSource: adsConfigSource(), typeUrls: [typeUrlOf(HTTPFaultSchema)] },
  },
});

/** The filter answers every request with a status. */
const answers = (httpStatus: number): Snapshot =>
  createSnapshot([
    create(TypedExtensionConfigSchema, {
      name: NAME,
      typedConfig: typedConfig(HTTPFaultSchema, {
        abort: { errorType: { case: "httpStatus", value: httpStatus }, percentage: { numerator: 100 } },
      }),
    }),
  ]);

const shared = createSnapshot([
  httpListener({ name: "ingress", port: 0, routeConfig: "main", httpFilters: [discovered] }),
  routes("main", { "/": { directResponse: { status: 200 } } }),
]);

const { listener, routes: routesType, extensionConfig } = typeUrls;

async function statusOf(envoy: Envoy): Promise<number> {
  return (await httpGet(`http://${await envoy.listenerAddress("ingress")}/`)).status;
}

describe.each(["delta", "sotw"] as const)("two real Envoys that share a listener, over %s", (mode) => {
  test("have each its own configuration of the filter in it, which changes for one alone", async () => {
    const base = new BehaviorSubject(shared);
    const own = { n1: new BehaviorSubject(answers(418)), n2: new BehaviorSubject(answers(429)) };
    await using server = await serveXds({
      address: "127.0.0.1:0",
      checks: { references: "strict", external: { [extensionConfig]: [NAME] } },
      scope: ({ id }) => id,
      snapshots: (id) =>
        scoped(base, of({ [listener]: "all", [routesType]: "all" }), {
          types: [extensionConfig],
          snapshots: own[id === "n1" ? "n1" : "n2"],
        }),
    });
    const events: XdsEvent[] = [];
    server.events$.subscribe((event) => events.push(event));
    const start = (id: string, run: (envoy: Envoy) => Promise<void>) =>
      withEnvoy({ ads: server.address, mode, node: { id, cluster: "c" } }, async (envoy) => {
        await envoy.ready();
        await server.listenerReady(id, "ingress");
        await run(envoy);
      });
    const both = async (one: Envoy, two: Envoy) => {
      expect([await statusOf(one), await statusOf(two)]).toEqual([418, 429]);
      const mark = events.length;
      const next = answers(451);
      own.n1.next(next);
      await server.converged(next.version);
      await eventually(async () => expect(await statusOf(one)).toBe(451));
      expect(await statusOf(two)).toBe(429);
      const sentTo = events.slice(mark).flatMap((event) => (event.kind === "sent" ? event.node.id : []));
      expect(sentTo).toEqual(["n1"]);
      // What they share goes to both, and leaves their own as it is.
      const more = edit(shared, (draft) => {
        draft.set(httpListener({ name: "second", port: 0, routeConfig: "main", httpFilters: [discovered] }));
      });
      base.next(more);
      await server.converged(more.version);
      for (const id of ["n1", "n2"]) await server.listenerReady(id, "second");
      expect([await statusOf(one), await statusOf(two)]).toEqual([451, 429]);
      const stat = "listener_manager.listener_modified";
      expect([(await one.stats(stat)).get(stat), (await two.stats(stat)).get(stat)]).toEqual([0, 0]);
      expect(events.filter(({ kind }) => kind === "rejected" || kind === "refused-snapshot")).toEqual([]);
    };
    await start("n1", (one) => start("n2", (two) => both(one, two)));
  });
});
