// The control protocol of ../README.md, over the state of an rxds server.
import { createServer } from "node:http";
import { setImmediate, setTimeout } from "node:timers/promises";

/**
 * @typedef {object} Change The body of `POST /change`, see ../README.md.
 * @property {import("./resources.js").Kind} kind
 * @property {number} [index]
 * @property {number} [count]
 * @property {number} [stamp]
 * @property {number} [repeat]
 * @property {number} [span]
 * @property {number} [intervalUs]
 * @property {string} [node]
 *
 * @typedef {object} Controlled What the control protocol drives.
 * @property {ReturnType<typeof import("./state.js").createState>} state
 * @property {() => number} streams The number of open xDS streams.
 */

const now = () => Number(process.hrtime.bigint());

/** Serves the control protocol. @param {string} host @param {number} port @param {Controlled} controlled */
export function serveControl(host, port, { state, streams }) {
  /** @type {Readonly<Record<string, (body: any) => unknown>>} */
  const calls = {
    "POST /load": (load) => {
      const at = now();
      state.load(load);
      return { ok: true, commits: 1, commitNs: [now() - at], commitAtNs: [at] };
    },
    "POST /change": (change) => runChange(state, change),
    "POST /gc": () => globalThis.gc && collect(globalThis.gc),
    "GET /stats": () => {
      const { userCPUTime: cpuUserUs, systemCPUTime: cpuSysUs } = process.resourceUsage();
      const rssBytes = process.memoryUsage.rss();
      return { cpuUserUs, cpuSysUs, rssBytes, streams: streams(), pids: [process.pid] };
    },
  };
  /** One call at a time. @type {Promise<void>} */
  let last = Promise.resolve();
  const server = createServer((request, response) => {
    /** @type {Buffer[]} */
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      last = last.then(async () => {
        const answer = await answerTo(calls[`${request.method} ${request.url}`], Buffer.concat(chunks).toString());
        response.statusCode = answer === undefined ? 404 : 200;
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(answer));
      });
    });
  });
  server.listen(port, host);
}

/** @param {((body: any) => unknown) | undefined} call @param {string} body */
async function answerTo(call, body) {
  try {
    return await call?.(body === "" ? {} : JSON.parse(body));
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

/** @param {Controlled["state"]} state @param {Change} change */
async function runChange(state, change) {
  const { kind, index = 0, count = 0, stamp = 0, intervalUs = 0, node = "" } = change;
  const commits = count > 0 ? change.repeat || 1 : 0;
  const span = change.span || Math.max(1, count * commits);
  /** @type {number[]} */
  const commitNs = [];
  /** @type {number[]} */
  const commitAtNs = [];
  const begin = now();
  for (let r = 0; r < commits; r++) {
    if (intervalUs === 0) await setImmediate();
    else await reach(begin + r * intervalUs * 1000);
    const at = now();
    state.commit(kind, index + ((r * count) % span), count, stamp + r, node);
    commitNs.push(now() - at);
    commitAtNs.push(at);
  }
  return { ok: true, commits, commitNs, commitAtNs };
}

/** Waits until a time, in ns; not at all when it is past. @param {number} due */
async function reach(due) {
  for (let left = due - now(); left > 0; left = due - now()) await setTimeout(Math.ceil(left / 1e6));
}

/** Only there with --expose-gc. @param {NodeJS.GCFunction} gc */
function collect(gc) {
  gc();
  return { ok: true };
}
