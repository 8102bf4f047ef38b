import { endpoints, typeUrls } from "rxds";
import { expect, test } from "vitest";
import { OTHER, WHO } from "./backend.js";
import type { ControlPlane } from "./control-plane.js";
import { node, type Program } from "./grpc-client.js";
import { answeredBy, inLab } from "./lab.js";
import { cluster, listener, routesTo, simple, TARGET } from "./resources.js";

/** Names of a type that were sent, each once. */
function namesSent({ events }: ControlPlane, typeUrl: string): string[] {
  const names = events.flatMap((event) => (event.kind === "sent" && event.type === typeUrl ? event.names : []));
  return [...new Set(names)].sort();
}

/** What a client asks for, and how it follows changes (rule 68). */
export function testRouting(program: () => Program, { smooth }: { readonly smooth: boolean }): void {
  test("calls fail before there is a configuration; after, each ends at the backend that its route names", () =>
    inLab(program(), async ({ plane, client, blue, green, who }) => {
      expect(await client.call(TARGET, WHO, 500)).toMatchObject({ code: "DEADLINE_EXCEEDED" });
      plane.emit(
        listener(),
        routesTo({ [OTHER]: "green", "/": "blue" }),
        ...cluster("blue", blue),
        ...cluster("green", green),
      );
      expect(await who()).toEqual(answeredBy(blue));
      expect(await who(OTHER)).toEqual(answeredBy(green));
    }));

  test("asks on one aggregated state-of-the-world stream, by exact names, for what it needs and nothing else", () =>
    inLab(program(), async ({ plane, blue, green, who }) => {
      const { version } = plane.emit(...Object.values(simple(blue)), ...cluster("other", green));
      expect(await who()).toEqual(answeredBy(blue));
      await plane.server.converged(version, { clients: 1 });
      const status = plane.server.clients();
      expect(status).toMatchObject([{ node, protocol: "sotw", aggregated: true }]);
      expect(status[0]?.types.map(({ type, wildcard, names }) => ({ type, wildcard, names }))).toEqual(
        [typeUrls.listener, typeUrls.routes, typeUrls.cluster, typeUrls.endpoints].map((type) => {
          return { type, wildcard: false, names: 1 };
        }),
      );
      expect(namesSent(plane, typeUrls.listener)).toEqual(["hello"]);
      expect(namesSent(plane, typeUrls.routes)).toEqual(["hello-routes"]);
      expect(namesSent(plane, typeUrls.cluster)).toEqual(["web"]);
      expect(namesSent(plane, typeUrls.endpoints)).toEqual(["web"]);
    }));

  test("follows changed endpoints without a failed call", () =>
    inLab(program(), async ({ plane, blue, green, movesTo }) => {
      plane.emit(...Object.values(simple(blue)));
      await movesTo(blue);
      plane.emit(...Object.values(simple(green)));
      await movesTo(green);
    }));

  test(`follows a route that is switched to another cluster${smooth ? " without a failed call" : ""}`, () =>
    inLab(program(), async ({ plane, blue, green, movesTo, reaches }) => {
      const clusters = [...cluster("first", blue), ...cluster("second", green)];
      plane.emit(listener(), routesTo({ "/": "first" }), ...clusters);
      await movesTo(blue);
      plane.emit(listener(), routesTo({ "/": "second" }), ...clusters);
      await (smooth ? movesTo : reaches)(green);
    }));

  test("passes over endpoints whose group has no weight", () =>
    inLab(program(), async ({ plane, blue, becomesUnavailable, reaches }) => {
      const unweighted = endpoints("web", [{ locality: {}, endpoints: [blue.address] }]);
      plane.emit(...Object.values({ ...simple(blue), hosts: unweighted }));
      await becomesUnavailable();
      plane.emit(...Object.values(simple(blue)));
      await reaches(blue);
    }));
}
