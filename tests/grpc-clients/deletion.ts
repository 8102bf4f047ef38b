import { apiListener, edsCluster } from "rxds";
import { expect, test } from "vitest";
import type { Backend } from "./backend.js";
import type { Program } from "./grpc-client.js";
import { answeredBy, inLab } from "./lab.js";
import { cluster, hosts, listener, routesTo, simple } from "./resources.js";

/** What a client makes of what a response leaves out (rule 69). */
export function testDeletion(program: () => Program, { smooth }: { readonly smooth: boolean }): void {
  // What comes back is not the same as before: grpc-js up to 1.14.1 takes that for no change, and stays without it.
  test("a cluster that a response leaves out is deleted: calls fail as unavailable until it is there again", () =>
    inLab(program(), async ({ plane, blue, reaches, movesTo, becomesUnavailable }) => {
      plane.emit(...Object.values(simple(blue)));
      await movesTo(blue);
      plane.emit(listener(), routesTo({ "/": "web" }));
      expect((await becomesUnavailable()).text).toContain("web");
      const again = edsCluster({ name: "web", serviceName: "web-again" });
      plane.emit(listener(), routesTo({ "/": "web" }), again, hosts("web-again", blue));
      await reaches(blue);
    }));

  test("a listener that a response leaves out is deleted: calls fail as unavailable until it is there again", () =>
    inLab(program(), async ({ plane, blue, reaches, movesTo, becomesUnavailable }) => {
      const { listener: _, ...rest } = simple(blue);
      plane.emit(...Object.values(simple(blue)));
      await movesTo(blue);
      plane.emit(...Object.values(rest));
      await becomesUnavailable();
      const again = apiListener({ name: "hello", routes: { "/": "web" } });
      plane.emit(...Object.values({ ...rest, listener: again }));
      await reaches(blue);
    }));

  test("a client that was told to ignore deletions goes on with what a response leaves out", () =>
    inLab(
      program(),
      async ({ plane, blue, who, movesTo }) => {
        plane.emit(...Object.values(simple(blue)));
        await movesTo(blue);
        const { version } = plane.emit(hosts("web", blue), routesTo({ "/": "web" }));
        await plane.server.converged(version);
        expect(await who()).toEqual(answeredBy(blue));
      },
      { features: ["ignore_resource_deletion"] },
    ));

  test(`a cluster goes in the snapshot in which its routes leave it${smooth ? ", without a failed call" : ""}`, () =>
    inLab(program(), async ({ plane, blue, green, reaches, callWhile }) => {
      const leadTo = (backend: Backend) =>
        plane.emit(listener(), routesTo({ "/": backend.name }), ...cluster(backend.name, backend));
      leadTo(blue);
      await reaches(blue);
      const outcomes = await callWhile(async () => {
        for (let round = 0; round < 5; round++) {
          for (const backend of [green, blue]) {
            const { version } = leadTo(backend);
            await reaches(backend);
            await plane.server.converged(version);
          }
        }
      });
      expect(outcomes.filter(({ code }) => smooth && code !== "OK")).toEqual([]);
    }));
}
