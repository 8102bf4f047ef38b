import { existsSync } from "node:fs";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import { withEnvoy } from "@rxds/testkit";
import { expect, test } from "vitest";

/**
 * Extensions that the pinned Envoy has and the pinned proto files, which are a little older, have not. Shrinks when the
 * sources are renewed.
 */
const KNOWN_GAPS: readonly string[] = [
  "envoy.extensions.http.ai_filters.schema_validation.v3.SchemaValidation",
  "envoy.extensions.http.ai_filters.transcoder.v3.Transcoder",
  "envoy.extensions.router.cluster_specifiers.priority_group.v3.PriorityGroupClusterSpecifier",
  "envoy.extensions.router.route_specifiers.dynamic_modules.v3.DynamicModuleRouteSpecifier",
  "envoy.extensions.transport_sockets.tls.handshakers.dynamic_modules.v3.DynamicModuleTlsHandshaker",
];

test("every extension of the real Envoy has a message in the registry and a module, but for the known gaps", async () => {
  await withEnvoy({ node: { id: "n1" } }, async (envoy) => {
    const { node } = await envoy.serverInfo();
    const names = new Set(node?.extensions.flatMap(({ typeUrls }) => typeUrls));
    expect(names.size).toBeGreaterThan(300);
    const registry = envoyRegistry();
    const missing = [...names].filter((name) => registry.getMessage(name) === undefined);
    expect(missing.sort()).toEqual([...KNOWN_GAPS].sort());
    for (const name of names) {
      const file = registry.getMessage(name)?.file.name;
      // Well-known types come with the protobuf runtime.
      if (file === undefined || file.startsWith("google/protobuf/")) continue;
      const module = new URL(`../../packages/envoy-api/dist/gen/${file}_pb.js`, import.meta.url);
      expect(existsSync(module), `${name} in ${file}`).toBe(true);
    }
  });
});
