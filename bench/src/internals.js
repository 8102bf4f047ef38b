// Counters that the packages keep for their own tests. They are exported by no package, so they are found beside its entry.

/**
 * Loads a built module of a package by its path below the package's `dist` folder.
 * @param {string} packageName @param {string} path
 */
async function internal(packageName, path) {
  const { costs } = await import(new URL(path, import.meta.resolve(packageName)).href);
  return /** @type {Readonly<Record<string, number>>} */ (costs);
}

const counters = [await internal("@rxds/core", "snapshot/costs.js"), await internal("@rxds/server", "fanout/costs.js")];

/** Every counter as it stands. */
export function counted() {
  return Object.assign({}, ...counters);
}
