import { eventually } from "@rxds/testkit";
import { createSnapshot, edit, httpListener, routes, tlsCertificate, typeUrls } from "rxds";
import { describe, expect, test } from "vitest";
import { authority } from "../core/certificates.js";
import { NODE_ID, withLab } from "./lab.js";
import { subjectShown } from "./subject-shown.js";

describe.each(["delta", "sotw"] as const)("secrets (SDS) in a real Envoy over %s", (mode) => {
  test("a listener's certificate is delivered, rotated, and stays when its secret is removed", async () => {
    const ca = await authority();
    const [one, two] = [await ca.issue("one"), await ca.issue("two")];
    const first = createSnapshot([
      httpListener({ name: "ingress", port: 0, routeConfig: "main", tls: { certificate: "server" } }),
      routes("main", { "/": { directResponse: { status: 200 } } }),
      tlsCertificate("server", one),
    ]);
    await withLab({ mode, first }, async ({ emit, envoy, server, events }) => {
      const ingress = await envoy.listenerAddress("ingress");
      expect(await subjectShown(ingress, ca.cert)).toBe("one");

      const rotated = edit(first, (draft) => draft.set(tlsCertificate("server", two)));
      await emit(rotated);
      await server().holds(NODE_ID, typeUrls.secret, "server");
      await eventually(async () => expect(await subjectShown(ingress, ca.cert)).toBe("two"));

      // Nobody is told that a secret is gone: Envoy would go on without it. The listener's change shows that the server is through.
      const removed = edit(rotated, (draft) => {
        draft.delete(typeUrls.secret, "server");
        draft.set(routes("main", { "/": { directResponse: { status: 418 } } }));
      });
      await emit(removed);
      expect(await subjectShown(ingress, ca.cert)).toBe("two");
      expect(events.flatMap((event) => (event.kind === "sent" ? event.removedNames : []))).toEqual([]);
      expect(events.filter((event) => event.kind === "sent" && event.label === "SDS")).toHaveLength(2);
    });
  });

  test("a listener warms until its secret is there", async () => {
    const ca = await authority();
    const credentials = await ca.issue("late");
    const first = createSnapshot([
      httpListener({ name: "ready", port: 0, routeConfig: "main" }),
      routes("main", { "/": { directResponse: { status: 200 } } }),
    ]);
    await withLab({ mode, first }, async ({ next, envoy, server, events }) => {
      const waiting = edit(first, (draft) =>
        draft.set(httpListener({ name: "ingress", port: 0, routeConfig: "main", tls: { certificate: "late" } })),
      );
      next(waiting);
      await eventually(async () => {
        const stats = await envoy.stats("listener_manager.total_listeners_warming");
        expect(stats.get("listener_manager.total_listeners_warming")).toBe(1);
      });
      await eventually(() =>
        expect(
          server()
            .clients()[0]
            ?.types.some(({ type, names }) => type === typeUrls.secret && names === 1),
        ).toBe(true),
      );
      const { listenerStatuses } = await envoy.listeners();
      expect(listenerStatuses.map(({ name }) => name)).toEqual(["ready"]);
      const late = edit(waiting, (draft) => draft.set(tlsCertificate("late", credentials)));
      next(late);
      await server().converged(late.version);
      // Envoy gives up after 15 s; a deadline of 10 s tells that from the secret's coming.
      expect(await subjectShown(await envoy.listenerAddress("ingress"), ca.cert)).toBe("late");
      expect(events.filter(({ kind }) => kind === "rejected")).toEqual([]);
    });
  });
});
