import { create } from "@bufbuild/protobuf";
import { TypedExtensionConfigSchema } from "@rxds/envoy-api/envoy/config/core/v3/extension";
import { HTTPFaultSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/fault/v3/fault";
import { HttpFilterSchema } from "@rxds/envoy-api/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager";
import { eventually } from "@rxds/testkit";
import { adsConfigSource, createSnapshot, edit, httpListener, routes, typedConfig, typeUrlOf, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { withLab } from "./lab.js";

/** A filter whose configuration comes over xDS. */
const discovered = create(HttpFilterSchema, {
  name: "fault",
  configType: {
    case: "configDiscovery",
    value: { configSource: adsConfigSource(), typeUrls: [typeUrlOf(HTTPFaultSchema)] },
  },
});

/** The filter answers every request with a status. */
const abort = (httpStatus: number) =>
  create(TypedExtensionConfigSchema, {
    name: "fault",
    typedConfig: typedConfig(HTTPFaultSchema, {
      abort: { errorType: { case: "httpStatus", value: httpStatus }, percentage: { numerator: 100 } },
    }),
  });

const first = createSnapshot([
  httpListener({ name: "ingress", port: 0, routeConfig: "main", httpFilters: [discovered] }),
  routes("main", { "/": { directResponse: { status: 200 } } }),
  abort(418),
]);

describe.each(["delta", "sotw"] as const)("a filter's configuration (ECDS) in a real Envoy over %s", (mode) => {
  test("is in force and is changed without a new listener", () =>
    withLab({ mode, first }, async ({ emit, get, envoy, events }) => {
      const listenerStat = "listener_manager.listener_modified";
      expect((await get()).status).toBe(418);
      await emit(edit(first, (draft) => draft.set(abort(429))));
      await eventually(async () => expect((await get()).status).toBe(429));
      const stats = await envoy.stats(listenerStat);
      expect(stats.get(listenerStat)).toBe(0);
      expect(events.filter(({ kind }) => kind === "rejected")).toEqual([]);
    }));

  test(
    mode === "delta" ? "fails requests when it is removed" : "stays when it is removed, which omission can't tell",
    () =>
      withLab({ mode, first }, async ({ emit, get, events }) => {
        // The routes' change shows that the server is through.
        const answered = routes("main", { "/": { directResponse: { status: 204 } } });
        await emit(
          edit(first, (draft) => {
            draft.delete(typeUrls.extensionConfig, "fault");
            draft.set(answered);
          }),
        );
        const status = mode === "delta" ? 500 : 418;
        await eventually(async () => expect((await get()).status).toBe(status));
        expect(events.filter(({ kind }) => kind === "rejected")).toEqual([]);
      }),
  );
});
