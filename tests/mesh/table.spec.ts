import { fileURLToPath } from "node:url";
import { loadMesh } from "@rxds/mesh";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildTestkit } from "../testkit/lab-support.js";
import { serveBackends } from "./lab/backends.js";
import { namesIn } from "./lab/names-in.js";
import { startWorld, type World, withTopology } from "./lab/world.js";
import { actions } from "./rows/actions.js";
import { createAsker, proxyOf } from "./rows/asker.js";
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
    buildTestkit();
    const mesh = withTopology(await loadMesh(folder), topology);
    world = await startWorld(mesh);
    asker = createAsker(world);
    await serveBackends(world);
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  test("what is out of sight is not in the Envoy", async () => {
    // What the callers of its node see: those in far by their EgressScope, those in guarded by inference and theirs.
    const proxy = proxyOf(world, "far/narrow");
    const { configs } = await world.envoy(proxy).configDump();
    const all = (await Promise.all(configs.map(namesIn))).flat().sort();
    // Of services that only deny somebody, everybody may call, and so sees them, unless an EgressScope says otherwise.
    const names = topology === "node" ? all.filter((name) => !/deny-|10\.96\.0\.7\d/.test(name)) : all;
    const narrow = [
      "default/green:80",
      "guarded/all:80",
      "http/10.96.0.3:80",
      "http/10.96.0.80:80",
      "tcp/10.96.0.3:80",
      "tcp/10.96.0.80:80",
    ];
    const vault = ["default/match:80", "http/10.96.0.10:80", "tcp/10.96.0.10:80"];
    const node = ["redirect/10.244.3.1:15001", "redirect/[fd00:244:3::1]:15001"];
    const sidecar = ["redirect/127.0.0.1:15001", "redirect/[::1]:15001", "inbound", "inbound/far/narrow"];
    expect(names).toEqual([...narrow, ...(topology === "node" ? [...vault, ...node] : sidecar)].sort());
  });

  test("callers that are not enrolled: a sidecar asks them, a node's Envoy never hears of them", async () => {
    const agent = await world.pods.get("default/plain-b")!.agent();
    const answer = await agent.http({ url: "http://10.244.3.20:9000/" });
    expect(answer).toMatchObject({ status: topology === "node" ? 200 : 403 });
  });

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
