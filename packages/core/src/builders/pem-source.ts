import { create } from "@bufbuild/protobuf";
import { type DataSource, DataSourceSchema } from "@rxds/envoy-api/envoy/config/core/v3/base";
import { BuilderError } from "./builder-error.js";

/**
 * A certificate, key or bundle of certificates: PEM text, PEM bytes, a file that the client reads, or an environment
 * variable of the client.
 */
export type PemSource = string | Uint8Array | { readonly file: string } | { readonly env: string };

const marker = "-----BEGIN ";

/**
 * PEM as a data source.
 *
 * @throws BuilderError when text or bytes hold no PEM block. The error never shows them.
 */
export function pemSource(source: PemSource, path: string): DataSource {
  if (typeof source === "string") {
    if (!source.includes(marker)) throw notPem(path);
    return create(DataSourceSchema, { specifier: { case: "inlineString", value: source } });
  }
  if (source instanceof Uint8Array) {
    if (!Buffer.from(source.buffer, source.byteOffset, source.byteLength).includes(marker)) throw notPem(path);
    return create(DataSourceSchema, { specifier: { case: "inlineBytes", value: source } });
  }
  return create(DataSourceSchema, {
    specifier:
      "file" in source ? { case: "filename", value: source.file } : { case: "environmentVariable", value: source.env },
  });
}

function notPem(path: string): BuilderError {
  return new BuilderError(
    "invalid-pem",
    path,
    'PEM ("-----BEGIN …"), or { file: "path" } for a file that the client reads',
  );
}
