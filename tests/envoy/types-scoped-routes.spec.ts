import { create } from "@bufbuild/protobuf";
import { ScopedRouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/scoped_route";
import { ScopedRoutesSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { eventually } from "@rxds/testkit";
import { adsConfigSource, createSnapshot, edit, routes, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { NODE_ID, withLab } from "./lab.js";
import { onDemandListener } from "./on-demand-filter.js";

/** A listener whose routes depend on the header `x-tenant`. */
const byTenant = onDemandListener("none", {
  customize(manager) {
    const value = { name: "x-tenant", extractType: { case: "index", value: 0 } } as const;
    manager.routeSpecifier = {
      case: "scopedRoutes",
      value: create(ScopedRoutesSchema, {
        name: "tenants",
        scopeKeyBuilder: { fragments: [{ type: { case: "headerValueExtractor", value } }] },
        rdsConfigSource: adsConfigSource(),
        configSpecifier: { case: "scopedRds", value: { scopedRdsConfigSource: adsConfigSource() } },
      }),
    };
  },
});

/** Requests of one tenant go by one route configuration. */
const scope = (tenant: string, routeConfigurationName: string, onDemand = false) =>
  create(ScopedRouteConfigurationSchema, {
    name: `scope-${tenant}`,
    routeConfigurationName,
    onDemand,
    key: { fragments: [{ type: { case: "stringKey", value: tenant } }] },
  });

/** Routes that answer everything with a text. */
const says = (name: string, body: string) => routes(name, { "/": { directResponse: { status: 200, body } } });

const first = createSnapshot([
  byTenant,
  scope("a", "for-a"),
  scope("b", "for-b"),
  says("for-a", "routes of a"),
  says("for-b", "routes of b"),
]);

describe.each(["delta", "sotw"] as const)("scoped routes (SRDS) in a real Envoy over %s", (mode) => {
  test("choose routes by a header; a scope is changed, added and removed", () =>
    withLab({ mode, first }, async ({ emit, get, envoy }) => {
      const of = async (tenant: string) => {
        const { status, body } = await get("/", { headers: { "x-tenant": tenant } });
        return status === 200 ? body : status;
      };
      const answers = async () => [await of("a"), await of("b"), await of("c")];
      expect(await answers()).toEqual(["routes of a", "routes of b", 404]);

      const changed = edit(first, (draft) => draft.set(scope("b", "for-a")));
      await emit(changed);
      await eventually(async () => expect(await answers()).toEqual(["routes of a", "routes of a", 404]));

      const more = edit(changed, (draft) => draft.set(scope("c", "for-c"), says("for-c", "routes of c")));
      await emit(more);
      await eventually(async () => expect(await answers()).toEqual(["routes of a", "routes of a", "routes of c"]));

      const less = edit(more, (draft) => draft.delete(typeUrls.scopedRoutes, "scope-a"));
      await emit(less);
      await eventually(async () => expect(await answers()).toEqual([404, "routes of a", "routes of c"]));
      const stats = await envoy.stats("scoped_rds.tenants");
      expect(stats.get("http.ingress.scoped_rds.tenants.update_rejected")).toBe(0);
    }));

  test("the routes of a scope on demand are asked for by its first request", () => {
    const lazy = edit(first, (draft) => draft.set(scope("c", "for-c", true), says("for-c", "routes of c")));
    return withLab({ mode, first: lazy }, async ({ get, events, server }) => {
      const sent = () => events.flatMap((event) => (event.kind === "sent" && event.label === "RDS" ? event.names : []));
      expect([...new Set(sent())].sort()).toEqual(["for-a", "for-b"]);
      expect(await get("/", { headers: { "x-tenant": "c" } })).toEqual({ status: 200, body: "routes of c" });
      await server().holds(NODE_ID, typeUrls.routes, "for-c");
      expect([...new Set(sent())].sort()).toEqual(["for-a", "for-b", "for-c"]);
    });
  });

  test("a scope with the key of another is found out, and other scopes go on", () =>
    withLab({ mode, first }, async ({ get, next, emit, server }) => {
      const of = async (tenant: string) => (await get("/", { headers: { "x-tenant": tenant } })).body;
      const clashing = create(ScopedRouteConfigurationSchema, { ...scope("a", "for-b"), name: "another" });
      const second = edit(first, (draft) =>
        draft.set(clashing, scope("b", "for-a"), scope("c", "for-c"), says("for-c", "routes of c")),
      );
      next(second);
      const status = () =>
        server()
          .clients()[0]
          ?.types.find(({ type }) => type === typeUrls.scopedRoutes);
      await eventually(() => expect(status()?.quarantined.map(({ name }) => name)).toEqual(["another"]));
      await eventually(async () => expect(await of("c")).toBe("routes of c"));
      await eventually(async () => expect(await of("b")).toBe("routes of a"));
      expect(await of("a")).toBe("routes of a");
      await emit(edit(second, (draft) => draft.delete(typeUrls.scopedRoutes, "another")));
      expect(status()?.quarantined).toEqual([]);
    }));
});
