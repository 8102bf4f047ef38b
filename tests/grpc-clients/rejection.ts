import { eventually } from "@rxds/testkit";
import { typeUrls } from "rxds";
import { expect, test } from "vitest";
import { OTHER } from "./backend.js";
import type { ControlPlane } from "./control-plane.js";
import { node, type Program } from "./grpc-client.js";
import { answeredBy, inLab } from "./lab.js";
import { badCluster, rejectables } from "./rejectable.js";
import { cluster, routesTo, simple } from "./resources.js";

/** Where the only client stands with a type. */
const statusOf = ({ server }: ControlPlane, typeUrl: string) =>
  server.clients()[0]?.types.find(({ type }) => type === typeUrl);

/** What a client rejects, and what it does then (rules 11 and 70). */
export function testRejection(program: () => Program): void {
  test.each(rejectables)("rejects $what, says why, and goes on with the one before until that is mended", (bad) =>
    inLab(program(), async ({ plane, blue, green, who, movesTo }) => {
      plane.emit(...Object.values(simple(blue)));
      await movesTo(blue);
      plane.emit(...Object.values({ ...simple(blue), ...bad.change }));
      await eventually(() => expect(statusOf(plane, bad.type)?.rejected?.detail).toMatch(bad.words));
      expect(plane.events.filter(({ kind }) => kind === "rejected")).toMatchObject([{ type: bad.type, node }]);
      expect(await who()).toEqual(answeredBy(blue));
      const { version } = plane.emit(...Object.values(simple(green)));
      await movesTo(green);
      await plane.server.converged(version);
    }),
  );

  test("takes the good clusters of a response with a bad one", () =>
    inLab(program(), async ({ plane, blue, green, who, movesTo, reaches }) => {
      plane.emit(...Object.values(simple(blue)));
      await movesTo(blue);
      plane.emit(
        ...Object.values({ ...simple(blue), cluster: badCluster(), routes: routesTo({ [OTHER]: "good", "/": "web" }) }),
        ...cluster("good", green),
      );
      await reaches(green, OTHER);
      await eventually(() => expect(statusOf(plane, typeUrls.cluster)?.rejected).toBeDefined());
      expect(await who()).toEqual(answeredBy(blue));
    }));
}
