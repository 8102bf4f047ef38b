import { typeUrls } from "rxds";
import { expect, test } from "vitest";
import { startBackend } from "./backend.js";
import { startControlPlane } from "./control-plane.js";
import { node, type Program } from "./grpc-client.js";
import { answeredBy, inLab } from "./lab.js";
import { simple } from "./resources.js";

/** What a client does while its control plane is away (rule 71). */
export function testAbsence(program: () => Program): void {
  test("goes on with what it holds while the control plane is away, and follows it when it is back", () =>
    inLab(program(), async ({ plane, blue, green, who, movesTo }) => {
      const { version } = plane.emit(...Object.values(simple(blue)));
      await movesTo(blue);
      await plane.server.converged(version, { clients: 1 });
      await plane.server.close();
      for (let i = 0; i < 20; i++) expect(await who()).toEqual(answeredBy(blue));
      await plane.restart();
      await plane.server.holds(node.id, typeUrls.endpoints, "web", { deadlineMs: 30_000 });
      expect(await who()).toEqual(answeredBy(blue));
      plane.emit(...Object.values(simple(green)));
      await movesTo(green);
    }));
}

/** What a client with two control planes does (rule 72). */
export function testFallback(program: () => Program, { returns }: { readonly returns: boolean }): void {
  test(`takes another control plane while the one it prefers is away${returns ? ", and goes back to it" : ""}`, async () => {
    await using red = await startBackend("red");
    await using fallback = await startControlPlane(...Object.values(simple(red)));
    await inLab(
      program(),
      async ({ plane, blue, reaches, movesTo }) => {
        plane.emit(...Object.values(simple(blue)));
        await plane.server.close();
        await reaches(red);
        expect(fallback.server.clients()).toMatchObject([{ node }]);
        if (!returns) return;
        await plane.restart();
        await movesTo(blue);
      },
      { fallback },
    );
  });
}
