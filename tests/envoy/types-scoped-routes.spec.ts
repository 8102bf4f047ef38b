import { create } from "@bufbuild/protobuf";
import { ScopedRouteConfigurationSchema } from "@rxds/envoy-api/envoy/config/route/v3/scoped_route";
import { ScopedRoutesSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { eventually } from "@rxds/testkit";
import { adsConfigSource, createSnapshot, edit, httpListener, routes, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { withLab } from "./lab.js";

/** A listener whose routes depend on the header `x-tenant`. */
const byTenant = httpListener({
  name: "ingress",
  port: 0,
  routeConfig: "replaced",
  customize(manager) {
    manager.routeSpecifier = {
      case: "scopedRoutes",
      value: create(ScopedRoutesSchema, {
        name: "tenants",
        scopeKeyBuilder: {
          fragments: [
            {
              type: {
                case: "headerValueExtractor",
                value: { name: "x-tenant", extractType: { case: "index", value: 0 } },
              },
            },
          ],
        },
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
});
