import { fromJson, toJson } from "@bufbuild/protobuf";
import { BootstrapSchema } from "@rxds/envoy-api/envoy/config/bootstrap/v3/bootstrap";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import { describe, expect, test } from "vitest";

describe("the registry", () => {
  test("opens an Any in JSON, and writes it back", () => {
    const registry = envoyRegistry();
    const json = {
      staticResources: {
        clusters: [
          {
            name: "tls",
            transportSocket: {
              name: "envoy.transport_sockets.tls",
              typedConfig: {
                "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                sni: "example.com",
              },
            },
          },
        ],
      },
    };
    const bootstrap = fromJson(BootstrapSchema, json, { registry });
    expect(toJson(BootstrapSchema, bootstrap, { registry })).toEqual(json);
  });

  test("has every v3 package of configuration, extensions and services", () => {
    const files = [...envoyRegistry().files].map(({ name }) => name);
    expect(files.length).toBeGreaterThan(500);
    for (const folder of ["envoy/config/", "envoy/extensions/", "envoy/service/", "envoy/data/", "envoy/type/"]) {
      expect(files.filter((name) => name.startsWith(folder)).length).toBeGreaterThan(5);
    }
  });

  test("has rxds's own messages", () => {
    expect(
      envoyRegistry()
        .getMessage("rxds.mesh.v1.RedirectPiece")
        ?.oneofs.map(({ name }) => name),
    ).toEqual(["piece"]);
  });

  test("is made once", () => {
    expect(envoyRegistry()).toBe(envoyRegistry());
  });
});
