/** @typedef {import("@rxds/ebpf").Kernel} Kernel */
/** @typedef {{ readonly name: string, readonly ms: number }} Call */

/**
 * The kernel, with how long some calls took.
 *
 * @param {Kernel} kernel
 * @param {Call[]} calls to which they are added
 * @returns {Kernel}
 */
export function timed(kernel, calls) {
  const { maps } = kernel;
  /** @template T @param {string} name @param {() => Promise<T>} call */
  const time = async (name, call) => {
    const start = performance.now();
    const result = await call();
    calls.push({ name, ms: performance.now() - start });
    return result;
  };
  const updateMany = maps.updateMany.bind(maps);
  const setInner = maps.setInner.bind(maps);
  maps.updateMany = (map, entries) => time("updateMany", () => updateMany(map, entries));
  maps.setInner = (outer, index, inner) => time("setInner", () => setInner(outer, index, inner));
  return kernel;
}

/** @param {readonly Call[]} calls @param {string} name */
export function total(calls, name) {
  return calls.filter((call) => call.name === name).reduce((sum, { ms }) => sum + ms, 0);
}

/**
 * How long something took, and the longest time in which nothing else had the event loop, in milliseconds.
 *
 * @template T
 * @param {() => Promise<T>} action
 */
export async function watched(action) {
  let longest = 0;
  let last = performance.now();
  let on = true;
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (on) setImmediate(look);
  };
  setImmediate(look);
  const start = performance.now();
  try {
    const result = await action();
    return { ms: performance.now() - start, longest, result };
  } finally {
    on = false;
  }
}

/** One digit after the point. @param {number} n */
export function round(n) {
  return Math.round(n * 10) / 10;
}
