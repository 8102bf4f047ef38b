const SCHEME = "xdstp://";

/**
 * The spelling by which names are compared: of an `xdstp://authority/type/id?context` name the context parameters are put in
 * order, since their order means nothing (xDS transport proposal TP1); any other name is taken as it is.
 */
export function canonicalName(name: string): string {
  if (!name.startsWith(SCHEME)) return name;
  const { path, context, directives } = split(name);
  if (!context.includes("&")) return name;
  const parameters = context.slice(1).split("&").sort();
  return `${path}?${parameters.join("&")}${directives}`;
}

/** Whether a name stands for a collection: `xdstp://authority/type/some/path/*` (TP1, glob collections). */
export function isCollection(name: string): boolean {
  return name.startsWith(SCHEME) && split(name).path.endsWith("/*");
}

/** The collection that a resource belongs to by its name: its siblings below the same path, of the same context. */
export function collectionOf(name: string): string | undefined {
  if (!name.startsWith(SCHEME)) return undefined;
  const { path, context } = split(name);
  const end = path.lastIndexOf("/");
  // Without a type and an id there is nothing to be a collection of.
  if (path.indexOf("/", SCHEME.length) === end || path.endsWith("/*")) return undefined;
  return canonicalName(`${path.slice(0, end)}/*${context}`);
}

/** Authority, type and id; context parameters from their question mark on; processing directives from their hash on. */
function split(name: string): { path: string; context: string; directives: string } {
  const hash = name.indexOf("#");
  const directives = hash < 0 ? "" : name.slice(hash);
  const rest = hash < 0 ? name : name.slice(0, hash);
  const mark = rest.indexOf("?");
  return mark < 0
    ? { path: rest, context: "", directives }
    : { path: rest.slice(0, mark), context: rest.slice(mark), directives };
}
