import { readFileSync } from "node:fs";
import { create, isMessage, type Message } from "@bufbuild/protobuf";
import { check, createSnapshot, LoadError, load, tlsCertificate } from "@rxds/core";
import { BootstrapSchema } from "@rxds/envoy-api/envoy/config/bootstrap/v3/bootstrap";
import { type Cluster, ClusterSchema } from "@rxds/envoy-api/envoy/config/cluster/v3/cluster";
import { type Listener, ListenerSchema } from "@rxds/envoy-api/envoy/config/listener/v3/listener";
import { expect, test } from "vitest";
import { selfSigned } from "./certificates.js";
import { validateBootstrap } from "./validate-bootstrap.js";

const edge = readFileSync(new URL("edge.yaml", import.meta.url), "utf8");

test("a bootstrap as people write it is loaded, and Envoy takes what was loaded", async () => {
  const resources = load(edge, { file: "edge.yaml" });
  const clusters = resources.filter((message: Message): message is Cluster => isMessage(message, ClusterSchema));
  const listeners = resources.filter((message: Message): message is Listener => isMessage(message, ListenerSchema));
  expect(listeners.map(({ name }) => name)).toEqual(["https", "http"]);
  expect(clusters.map(({ name }) => name)).toEqual(["api", "api-canary"]);
  const secrets = [tlsCertificate("edge", await selfSigned())];
  expect(
    await validateBootstrap(create(BootstrapSchema, { staticResources: { clusters, listeners, secrets } })),
  ).toEqual({
    code: 0,
    log: "",
  });
});

test("what was loaded makes a snapshot without errors", () => {
  const problems = check(createSnapshot(load(edge)));
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
});

test("a slip in the file is told with its line and path", () => {
  const slip = edge.replace("max_concurrent_streams", "max_concurrent_stream");
  const act = () => load(slip, { file: "edge.yaml" });
  const path = 'typed_extension_protocol_options["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]';
  expect(act).toThrow(LoadError);
  expect(act).toThrow(
    `edge.yaml:118:61: static_resources.clusters[0].${path}.explicit_http_config.http2_protocol_options.max_concurrent_stream: ` +
      'unknown field "max_concurrent_stream" of envoy.config.core.v3.Http2ProtocolOptions; did you mean "max_concurrent_streams"?',
  );
});
