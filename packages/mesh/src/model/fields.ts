import { isIP } from "node:net";
import { RE2JS } from "re2js";
import { z } from "zod";

/** A DNS label, as Kubernetes wants names: lower case letters, digits, `-` and `.`. */
export const nameField = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'expected a name of lower case letters, digits, "-" and "."');

/** Labels: values of letters, digits, `-`, `_` and `.`, as in Kubernetes. */
export const labelsField = z.record(
  z.string().regex(/^([a-zA-Z0-9.-]+\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/, "expected a label's name"),
  z.string().regex(/^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/, "expected a label's value"),
);

/** An IPv4 or IPv6 address. */
export const addressField = z
  .string()
  .refine((text) => isIP(text) !== 0, "expected an IPv4 or IPv6 address")
  // What JSON Schema is told of the check above.
  .meta({ anyOf: [{ format: "ipv4" }, { format: "ipv6" }] });

/** A port, 1 to 65535. */
export const portField = z.int().min(1).max(65_535);

/** `"250ms"`, `"5s"`, `"2m"`, `"1h"`. */
export const durationField = z
  .string()
  .regex(
    /^(\d{1,7}(ms|s)|\d{1,5}(m|h)|\d{1,5}\.\d{1,3}(s|m|h))$/,
    'expected a duration such as "250ms", "5s", "2m" or "1h"',
  );

/** A duration that is longer than none. */
export const positiveDurationField = z
  .string()
  .regex(
    /^(?![0.]+(ms|s|m|h)$)(\d{1,7}(ms|s)|\d{1,5}(m|h)|\d{1,5}\.\d{1,3}(s|m|h))$/,
    'expected a duration of more than 0, such as "250ms", "5s", "2m" or "1h"',
  );

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration in milliseconds; undefined stays undefined. */
export function milliseconds(duration: string): number;
export function milliseconds(duration: string | undefined): number | undefined;
export function milliseconds(duration: string | undefined): number | undefined {
  if (duration === undefined) return undefined;
  const [, number = "", unit = ""] = /^([\d.]+)(ms|s|m|h)$/.exec(duration) ?? [];
  return Math.round(Number(number) * (UNITS[unit] ?? Number.NaN));
}

/** A regular expression in RE2 syntax, which Envoy uses: checked here, because Envoy rejects the whole resource for it. */
export const regexField = z
  .string()
  .min(1)
  .refine((text) => compiles(text), "expected a regular expression in RE2 syntax (no look-around, no back-references)");

/** Whether a substitution speaks of no group that its pattern does not have. */
export function fitsPattern({
  pattern,
  substitution,
}: {
  readonly pattern: string;
  readonly substitution: string;
}): boolean {
  // A pattern that is wrong is told as such.
  const groups = compiles(pattern) ? RE2JS.compile(pattern).groupCount() : 9;
  const rest = substitution.replace(/\\(\\|\d)/g, (_, char) => (char === "\\" || Number(char) <= groups ? "" : "\\"));
  return !rest.includes("\\");
}

function compiles(text: string): boolean {
  try {
    RE2JS.compile(text);
    return true;
  } catch {
    return false;
  }
}

/** A service: `"name"` (in the document's own namespace) or `"namespace/name"`. */
export const serviceField = z
  .string()
  .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\/)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'expected "name" or "namespace/name"');

/** Services: `"name"`, `"namespace/name"`, `"namespace/*"` or `"*"`. */
export const servicePatternField = z
  .string()
  .regex(
    /^(\*|[a-z0-9-]+\/\*|([a-z0-9-]+\/)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?)$/,
    'expected "*", "namespace/*" or a service',
  );

/** A path: begins with `/`, without query and fragment. */
export const pathField = z.string().regex(/^\/[^?#\s]*$/, 'expected a path that begins with "/"');

/** The largest number that Envoy takes for a count. */
export const UINT32 = 0xffff_ffff;

/** A share of requests in percent, 0 to 100. */
export const percentField = z.number().min(0).max(100);

/** The name of an HTTP header, lower or upper case. */
export const headerNameField = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "expected the name of a header");

/** The name of a header that can be changed: `Host` cannot, but by a rewrite. */
export const changedHeaderField = z
  .string()
  .regex(
    /^(?![Hh][Oo][Ss][Tt]$)[!#$%&'*+.^_`|~0-9A-Za-z-]+$/,
    "expected the name of a header other than Host, which rewrite.host changes",
  );

/** A host name or IPv4 address. */
export const hostField = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'expected a host name, such as "a.example.com"');

/** The value of an HTTP header that is set: no control characters, and no `%`, which Envoy would take for an operator. */
export const headerValueField = z
  .string()
  .regex(/^[^\p{Cc}%]*$/u, 'expected the value of a header, without control characters and "%"');

/** Callers: those that meet all of what is given; of a list, one is enough. */
export const sourceField = z.strictObject({
  namespaces: z.array(nameField).min(1).optional().describe("Workloads of these namespaces. Default: any."),
  workloads: z
    .array(serviceField)
    .min(1)
    .optional()
    .describe('Workloads by name: `"name"` in the document\'s own namespace, or `"namespace/name"`. Default: any.'),
  labels: labelsField.optional().describe("Workloads that have all these labels. Default: any."),
});

/** Callers that meet all of what is given. */
export type Source = z.infer<typeof sourceField>;

/** Workloads that have all these labels. */
export const selectorField = z.strictObject({
  matchLabels: labelsField.describe("Labels by name: all of these must be there, with these values."),
});
