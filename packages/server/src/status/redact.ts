/** The longest text of a client that is kept. */
const LONGEST = 4000;
/** Fields of a text dump whose strings are names and places, and help to find the fault. All others may hold a secret. */
const SHOWN: ReadonlySet<string> = new Set([
  "name",
  "cluster_name",
  "cluster",
  "service_name",
  "route_config_name",
  "stat_prefix",
  "address",
  "type_url",
  "domains",
  "prefix",
  "path",
]);

/**
 * A client's words without what may be secret. Envoy repeats a rejected resource in its error, inline keys included: PEM
 * blocks, and the strings of all fields of such a dump but names and addresses, are replaced by `…`.
 */
export function redact(text: string): string {
  return text
    .slice(0, LONGEST)
    .replace(/-----BEGIN [A-Z0-9 ]+-----[\s\S]*?(-----END [A-Z0-9 ]+-----|$)/g, "…")
    .replace(/(\w+)(\s*:\s*)"((?:[^"\\]|\\[\s\S])*)("|$)/g, (whole, field: string, colon: string) =>
      SHOWN.has(field) ? whole : `${field}${colon}"…"`,
    );
}
