import { fileURLToPath } from "node:url";
import { loadMesh } from "@rxds/mesh";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serveBackends } from "./lab/backends.js";
import { startWorld, type World, withTopology } from "./lab/world.js";
import { actions } from "./rows/actions.js";
import { createAsker } from "./rows/asker.js";
import { authorization } from "./rows/authorization.js";
import { basics } from "./rows/basics.js";
import { fieldsOf } from "./rows/fields.js";
import { matching } from "./rows/matching.js";
import type { Asker, Row } from "./rows/row.js";
import { scopes } from "./rows/scopes.js";
import { traffic } from "./rows/traffic.js";

const folder = fileURLToPath(new URL("folder", import.meta.url));
const parts: Readonly<Record<string, readonly Row[]>> = { basics, matching, actions, traffic, authorization, scopes };

test("every field of routes and policies has a row", () => {
  const covered = new Set(Object.values(parts).flatMap((rows) => rows.flatMap((row) => row.covers)));
  const fields = (["Route", "TrafficPolicy", "AuthorizationPolicy", "EgressScope"] as const).flatMap(fieldsOf);
  expect(fields.length).toBeGreaterThan(80);
  expect(fields.filter((field) => !covered.has(field))).toEqual([]);
  const others = [...covered].filter((field) => !fields.includes(field) && !/^(Service|Mesh)\./.test(field));
  expect(others, "rows for fields that do not exist").toEqual([]);
});

describe.each(["node", "sidecar"] as const)("topology %s", (topology) => {
  let world: World;
  let asker: Asker;

  beforeAll(async () => {
    const mesh = withTopology(await loadMesh(folder), topology);
    world = await startWorld(mesh);
    asker = createAsker(world);
    await serveBackends(world);
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  for (const [part, rows] of Object.entries(parts)) {
    describe(part, () => {
      for (const row of rows) {
        test(row.name, async () => {
          expect(await row.ask(asker)).toEqual(row.expect);
        });
      }
    });
  }
});
