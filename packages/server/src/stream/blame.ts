/** Envoy's words when it could not create some of a response's clusters or listeners; `name: reason` for each follows. */
const CREATION = /^Error adding\/updating \w+\(s\) /;
/** Envoy's words when a delta response names something twice. */
const DUPLICATE = /^duplicate name (.+) found among added\/updated resources/;
/** Envoy's words about the domains of a route configuration, which they name at their end. */
const DOMAINS = /^Only .+ in route (.+)$/;
/** Envoy's words for a broken rule, beside a dump of the resource. The name is its first field, in every type. */
const RULE = /Proto constraint validation failed/;
const FIRST_NAME = /\b(?:cluster_)?name: "([^"]*)"/;

/**
 * The words of a rejection that may be names of resources. Which of them are is for the caller to see: those that the
 * rejected response held.
 *
 * Envoy's own phrases are taken out, so that a resource called `cluster` is not blamed for being one.
 */
export function blamedWords(message: string): ReadonlySet<string> {
  const duplicate = DUPLICATE.exec(message)?.[1];
  if (duplicate !== undefined) return new Set([duplicate]);
  const route = DOMAINS.exec(message)?.[1];
  if (route !== undefined) return new Set([route, route.replace(/\.$/, "")]);
  // What the dump holds below its name may be called as another resource is, and is innocent.
  const dumped = RULE.test(message) ? FIRST_NAME.exec(message)?.[1] : undefined;
  if (dumped !== undefined) return new Set([dumped]);
  const words = message.replace(CREATION, "").split(/[\s,;'"`()[\]{}<>=]+/);
  // After that phrase each name stands before a colon.
  const named = CREATION.test(message) ? words.filter((word) => word.endsWith(":")) : words;
  return new Set(named.map((word) => word.replace(/[:.]+$/, "")));
}
