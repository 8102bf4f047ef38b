import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** Prints the version of a snapshot whose maps are filled in the order of the arguments. */
const PROGRAM = `
  import { create } from "@bufbuild/protobuf";
  import { createSnapshot, edsCluster, httpListener, typedConfig } from "rxds";
  import { RBACSchema } from "@rxds/envoy-api/envoy/extensions/filters/http/rbac/v3/rbac";
  const keys = process.argv.slice(1);
  const permissions = { permissions: [{ rule: { case: "any", value: true } }], principals: [{ identifier: { case: "any", value: true } }] };
  const fill = (value) => Object.fromEntries(keys.map((key) => [key, value]));
  const cluster = edsCluster({ name: "a" });
  cluster.metadata = { $typeName: "envoy.config.core.v3.Metadata", filterMetadata: fill(fill("x")), typedFilterMetadata: {} };
  const config = typedConfig(RBACSchema, { rules: { policies: fill(permissions) } });
  const listener = httpListener({ name: "l", port: 1, routeConfig: "r", httpFilters: [{ name: "rbac", typedConfig: config }] });
  const snapshot = createSnapshot([cluster, listener]);
  console.log(snapshot.version, [...snapshot.list()].map(({ name, version }) => name + version).sort().join());
`;

test("versions are equal in two processes that fill maps in different orders, also inside a packed Any", () => {
  const versionWith = (...keys: string[]) =>
    execFileSync(process.execPath, ["--input-type=module", "--eval", PROGRAM, ...keys], {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      encoding: "utf8",
    });
  const version = versionWith("b", "ä", "a", "10", "9");
  expect(versionWith("9", "10", "a", "b", "ä")).toBe(version);
  expect(versionWith("9", "10", "a", "b", "c")).not.toBe(version);
});
