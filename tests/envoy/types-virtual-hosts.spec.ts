import { create } from "@bufbuild/protobuf";
import { type RouteConfiguration, VhdsSchema } from "@rxds/envoy-api/envoy/config/route/v3/route";
import { eventually } from "@rxds/testkit";
import { adsConfigSource, createResource, createSnapshot, edit, routes, typeUrls, virtualHost } from "rxds";
import { describe, expect, test } from "vitest";
import { type Lab, withLab } from "./lab.js";
import { onDemandListener } from "./on-demand-filter.js";

/** A route configuration whose hosts come on demand, beside one that is part of it. */
function main(inline: string): RouteConfiguration {
  const config = routes("main", [{ domains: ["inline.local"], routes: { "/": answer(inline) } }]);
  const configSource = adsConfigSource();
  // Envoy first asks for nothing, and would wait for an answer.
  configSource.initialFetchTimeout = { $typeName: "google.protobuf.Duration", seconds: 0n, nanos: 100_000_000 };
  config.vhds = create(VhdsSchema, { configSource });
  return config;
}

const answer = (body: string) => ({ directResponse: { status: 200, body } });

const host = (name: string, domains: string[], body: string) =>
  virtualHost({ name: `main/${name}`, domains, routes: { "/": answer(body) } });

const first = createSnapshot([
  onDemandListener("none"),
  main("inline"),
  host("known.local", ["known.local"], "known"),
  host("shop", ["shop.local", "www.shop.local"], "shop"),
]);

/** The body of an answer, or its status. An answer that does not come is an error. */
const asking = (get: Lab["get"]) => async (domain: string) => {
  const { status, body } = await get("/", { headers: { host: domain }, timeoutMs: 4000 });
  return status === 200 ? body : status;
};

describe("virtual hosts on demand (VHDS, delta) in a real Envoy", () => {
  test("a known one is found by any of its domains; an unknown one is a 404 without waiting", () =>
    withLab({ mode: "delta", first }, async ({ get, events }) => {
      const ask = asking(get);
      expect(await ask("inline.local")).toBe("inline");
      expect(await ask("known.local")).toBe("known");
      expect(await ask("www.shop.local")).toBe("shop");
      expect(await ask("shop.local")).toBe("shop");
      expect(await ask("unknown.local")).toBe(404);
      expect(await ask("unknown.local")).toBe(404);
      expect(events.filter(({ kind }) => kind === "rejected")).toEqual([]);
    }));

  test("one that was unknown is there when it was made later, is changed, and is gone when removed", () =>
    withLab({ mode: "delta", first }, async ({ get, emit, events }) => {
      const ask = asking(get);
      expect(await ask("late.local")).toBe(404);
      const second = edit(first, (draft) => draft.set(host("late.local", ["late.local"], "late")));
      await emit(second);
      await eventually(async () => expect(await ask("late.local")).toBe("late"));
      await emit(edit(second, (draft) => draft.set(host("late.local", ["late.local"], "changed"))));
      await eventually(async () => expect(await ask("late.local")).toBe("changed"));
      await emit(first);
      await eventually(async () => expect(await ask("late.local")).toBe(404));
      await emit(second);
      await eventually(async () => expect(await ask("late.local")).toBe("late"));
      expect(events.filter(({ kind }) => kind === "rejected")).toEqual([]);
    }));

  test("they stay when their route configuration changes", () =>
    withLab({ mode: "delta", first }, async ({ get, emit, events }) => {
      const ask = asking(get);
      expect(await ask("known.local")).toBe("known");
      expect(await ask("unknown.local")).toBe(404);
      const second = edit(first, (draft) => draft.set(main("inline, changed")));
      await emit(second);
      await eventually(async () => expect(await ask("inline.local")).toBe("inline, changed"));
      expect(await ask("known.local")).toBe("known");
      expect(await ask("www.shop.local")).toBe("shop");
      expect(await ask("unknown.local")).toBe(404);
      await emit(edit(second, (draft) => draft.set(host("known.local", ["known.local"], "known, changed"))));
      await eventually(async () => expect(await ask("known.local")).toBe("known, changed"));
      expect(events.filter(({ kind }) => kind === "rejected")).toEqual([]);
    }));

  test("they are still followed after a restart of the control plane", () =>
    withLab({ mode: "delta", first }, async ({ get, emit, restart, server, events }) => {
      const ask = asking(get);
      expect(await ask("known.local")).toBe("known");
      expect(await ask("www.shop.local")).toBe("shop");
      expect(await ask("unknown.local")).toBe(404);
      await restart();
      await server().converged(first.version, { clients: 1 });
      expect(await ask("known.local")).toBe("known");
      expect(await ask("www.shop.local")).toBe("shop");
      expect(await ask("unknown.local")).toBe(404);
      const second = edit(first, (draft) =>
        draft.set(
          host("shop", ["shop.local", "www.shop.local"], "shop, changed"),
          host("unknown.local", ["unknown.local"], "known now"),
        ),
      );
      await emit(second);
      await eventually(async () => expect(await ask("www.shop.local")).toBe("shop, changed"));
      await eventually(async () => expect(await ask("unknown.local")).toBe("known now"));
      expect(events.filter(({ kind }) => kind === "rejected")).toEqual([]);
    }));

  test("one with a wildcard domain is found by the hosts that its aliases name", () => {
    const wild = createResource(host("wild", ["*.wild.local"], "wild"), { aliases: ["main/a.wild.local"] });
    return withLab({ mode: "delta", first: edit(first, (draft) => draft.set(wild)) }, async ({ get }) => {
      const ask = asking(get);
      expect(await ask("b.wild.local")).toBe(404);
      expect(await ask("a.wild.local")).toBe("wild");
      // It has its domains in Envoy, however it came there.
      await eventually(async () => expect(await ask("b.wild.local")).toBe("wild"));
    });
  });

  test("one that Envoy rejects stays as it was, and others go on", () =>
    withLab({ mode: "delta", first }, async ({ get, next, emit, server }) => {
      const ask = asking(get);
      expect(await ask("known.local")).toBe("known");
      expect(await ask("shop.local")).toBe("shop");
      const malformed = virtualHost({
        name: "main/known.local",
        domains: ["known.local"],
        routes: [{ regex: "((", directResponse: { status: 200 } }],
      });
      const second = edit(first, (draft) => draft.set(malformed, host("shop", ["shop.local"], "shop, changed")));
      next(second);
      const status = () =>
        server()
          .clients()[0]
          ?.types.find(({ type }) => type === typeUrls.virtualHost);
      await eventually(() => expect(status()?.quarantined.map(({ name }) => name)).toEqual(["main/known.local"]));
      await eventually(async () => expect(await ask("shop.local")).toBe("shop, changed"));
      expect(await ask("known.local")).toBe("known");
      await emit(edit(second, (draft) => draft.set(host("known.local", ["known.local"], "mended"))));
      await eventually(async () => expect(await ask("known.local")).toBe("mended"));
      expect(status()?.quarantined).toEqual([]);
    }));
});
