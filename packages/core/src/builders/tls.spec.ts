import { toJson } from "@bufbuild/protobuf";
import { type TransportSocket, TransportSocketSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import { envoyRegistry } from "@rxds/envoy-api/registry";
import { describe, expect, test } from "vitest";
import { BuilderError } from "./builder-error.js";
import { downstreamTls } from "./downstream-tls.js";
import { tlsCertificate, validationContext } from "./secret.js";
import { upstreamTls } from "./upstream-tls.js";

const cert = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const key = "-----BEGIN PRIVATE KEY-----\nTOP-SECRET\n-----END PRIVATE KEY-----\n";
const sdsConfig = { ads: {}, resourceApiVersion: "V3" };

function config(socket: TransportSocket) {
  const json = toJson(TransportSocketSchema, socket, { registry: envoyRegistry() });
  expect(json).toMatchObject({ name: "envoy.transport_sockets.tls" });
  return json;
}

describe("secrets", () => {
  test("tlsCertificate takes text, bytes, files and environment variables", () => {
    const bytes = Buffer.from(cert);
    expect(toJson(SecretSchema, tlsCertificate("a", { cert: bytes, key }))).toEqual({
      name: "a",
      tlsCertificate: {
        certificateChain: { inlineBytes: bytes.toString("base64") },
        privateKey: { inlineString: key },
      },
    });
    expect(toJson(SecretSchema, tlsCertificate("a", { cert: { file: "/c.pem" }, key: { env: "KEY" } }))).toEqual({
      name: "a",
      tlsCertificate: { certificateChain: { filename: "/c.pem" }, privateKey: { environmentVariable: "KEY" } },
    });
  });

  test("validationContext knows names by their form", () => {
    const subjectAltNames = ["example.com", "10.0.0.1", "spiffe://example.org/a"];
    expect(
      toJson(SecretSchema, validationContext("ca", { ca: cert, subjectAltNames, crl: { file: "/crl.pem" } })),
    ).toEqual({
      name: "ca",
      validationContext: {
        trustedCa: { inlineString: cert },
        matchTypedSubjectAltNames: [
          { sanType: "DNS", matcher: { exact: "example.com" } },
          { sanType: "IP_ADDRESS", matcher: { exact: "10.0.0.1" } },
          { sanType: "URI", matcher: { exact: "spiffe://example.org/a" } },
        ],
        crl: { filename: "/crl.pem" },
      },
    });
  });

  test("an error about something that is no PEM says where and shows nothing of it", () => {
    const secret = "hunter2-/etc/key.pem";
    for (const wrong of [secret, Buffer.from(secret)]) {
      const act = () => tlsCertificate("a", { cert, key: wrong });
      expect(act).toThrow(expect.objectContaining({ code: "invalid-pem", path: 'tlsCertificate("a").key' }));
      expect(act).not.toThrow(/hunter2/);
    }
  });
});

describe("upstreamTls", () => {
  test("takes secrets by name over ADS", () => {
    expect(config(upstreamTls({ validation: "ca", certificate: "client", alpn: ["h2"] }))).toMatchObject({
      typedConfig: {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        commonTlsContext: {
          tlsCertificateSdsSecretConfigs: [{ name: "client", sdsConfig }],
          validationContextSdsSecretConfig: { name: "ca", sdsConfig },
          alpnProtocols: ["h2"],
        },
      },
    });
  });

  test("checks the certificate for the server name that is sent", () => {
    const typedConfig = { sni: "a.example", autoSniSanValidation: true };
    expect(config(upstreamTls({ validation: "ca", sni: "a.example" }))).toMatchObject({ typedConfig });
    expect(config(upstreamTls({ validation: "ca", autoHostSni: true }))).toMatchObject({
      typedConfig: { autoHostSni: true, autoSniSanValidation: true },
    });
  });

  test.each([
    ["subjectAltNames", { validation: "ca", sni: "a", subjectAltNames: ["b"] }],
    ["an empty list of them", { validation: "ca", sni: "a", subjectAltNames: [] }],
    ["names of the validation", { validation: { ca: cert, subjectAltNames: ["b"] }, sni: "a" }],
    ["no validation", { validation: false, sni: "a" }],
    ["no server name", { validation: "ca" }],
  ] as const)("does not do so with %s", (_, options) => {
    expect(config(upstreamTls(options))).not.toMatchObject({ typedConfig: { autoSniSanValidation: true } });
  });

  test("combines names with a secret from ADS", () => {
    expect(config(upstreamTls({ validation: "ca", subjectAltNames: ["b"] }))).toMatchObject({
      typedConfig: {
        commonTlsContext: {
          combinedValidationContext: {
            defaultValidationContext: { matchTypedSubjectAltNames: [{ sanType: "DNS", matcher: { exact: "b" } }] },
            validationContextSdsSecretConfig: { name: "ca", sdsConfig },
          },
        },
      },
    });
  });

  test("lets the context be changed before it is packed", () => {
    const customize = (context: { maxSessionKeys?: number | undefined }) => {
      context.maxSessionKeys = 0;
    };
    expect(config(upstreamTls({ validation: false, customize }))).toMatchObject({ typedConfig: { maxSessionKeys: 0 } });
  });
});

describe("downstreamTls", () => {
  test("asks clients for no certificate without validation", () => {
    expect(config(downstreamTls({ certificate: { cert, key } }))).toEqual({
      name: "envoy.transport_sockets.tls",
      typedConfig: {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        commonTlsContext: {
          tlsCertificates: [{ certificateChain: { inlineString: cert }, privateKey: { inlineString: key } }],
        },
      },
    });
  });

  test("demands a client certificate with validation, unless told otherwise", () => {
    const options = { certificate: ["rsa", "ecdsa"], validation: "ca" } as const;
    expect(config(downstreamTls(options))).toMatchObject({
      typedConfig: {
        requireClientCertificate: true,
        commonTlsContext: { tlsCertificateSdsSecretConfigs: [{ name: "rsa" }, { name: "ecdsa" }] },
      },
    });
    expect(config(downstreamTls({ ...options, requireClientCertificate: false }))).toMatchObject({
      typedConfig: { requireClientCertificate: false },
    });
  });

  test("refuses what would check nothing, and certificates of two kinds", () => {
    expect(() => downstreamTls({ certificate: "a", requireClientCertificate: true })).toThrow(BuilderError);
    expect(() => downstreamTls({ certificate: "a", subjectAltNames: ["b"] })).toThrow(BuilderError);
    expect(() => downstreamTls({ certificate: ["a", { cert, key }] })).toThrow(BuilderError);
  });
});
