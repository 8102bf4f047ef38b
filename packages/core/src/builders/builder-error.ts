/** What kind of thing a builder refused. */
export type BuilderErrorCode =
  | "invalid-address"
  | "invalid-port"
  | "invalid-duration"
  | "invalid-weight"
  | "invalid-path"
  | "invalid-match"
  | "invalid-pem"
  | "invalid-status"
  | "duplicate-domain"
  | "missing-option"
  | "conflicting-options";

/**
 * An option that no client could take was given to a builder such as `edsCluster` or `routes`. Nothing was built.
 *
 * `message` says where, what was expected and, unless it may be secret, what was given.
 */
export class BuilderError extends Error {
  override readonly name = "BuilderError";
  constructor(
    /** What kind of thing was refused. */
    readonly code: BuilderErrorCode,
    /** Where: the builder, its resource and the option, such as `endpoints("echo").hosts[1]`. */
    readonly path: string,
    /** What would have been right. */
    readonly expected: string,
    /** What was given, when it may be shown. */
    readonly given?: string | number | undefined,
  ) {
    const got = typeof given === "string" ? JSON.stringify(given) : given;
    super(`${path}: expected ${expected}${got === undefined ? "" : `, got ${got}`}`);
  }
}

/**
 * Checks that exactly one of some options is given, and returns its name.
 *
 * @throws BuilderError when none or more than one is given.
 */
export function exactlyOne<Key extends string>(
  options: Readonly<Partial<Record<Key, unknown>>>,
  keys: readonly Key[],
  path: string,
): Key {
  const given = keys.filter((key) => options[key] !== undefined);
  const [first] = given;
  if (first === undefined) throw new BuilderError("missing-option", path, `one of ${keys.join(", ")}`);
  if (given.length > 1) {
    throw new BuilderError("conflicting-options", path, `only one of ${keys.join(", ")}`, given.join(" and "));
  }
  return first;
}
