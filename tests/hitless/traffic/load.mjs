// Closed loops of requests: each sends the next when the one before has ended and a short rest is over.
import { Agent, request } from "node:http";
import { setTimeout as rest } from "node:timers/promises";

const TIMEOUT_MS = 2000;

/** Milliseconds since the epoch with fractions: the same clock in every process of the machine. */
const now = () => performance.timeOrigin + performance.now();

/** How long loops rest that rest for long, in ms: the least and the most. */
const LONG_REST_MS = [300, 600];

/** @typedef {{ target: string, port: number, host: string, path: string }} Target */

/**
 * Starts the loops. `kept`: those that keep their connection; `fresh`: those that open one for each request; `resting`: those that
 * keep their connection and rest for long. A connection never rests for as long as a listener drains, so that this can tell its
 * client in time; it is closed when its port is not wanted any more, or it might be used again for another listener at that
 * port while it waits for the end of the drain.
 * @param {{ kept: number, fresh: number, resting: number, restMs: number }} options
 * @param {() => readonly Target[]} targets
 * @param {(outcome: object) => void} report
 */
export function startLoad({ kept, fresh, resting, restMs }, targets, report) {
  let stopping = false;
  const loop = async (/** @type {number} */ index) => {
    const keepAlive = index < kept || index >= kept + fresh;
    const newAgent = () => new Agent({ keepAlive, maxSockets: 1 });
    let [agent, port] = [newAgent(), 0];
    for (let round = index; !stopping; round += 1) {
      const mine = targetsOf(index, targets());
      const target = mine[round % mine.length];
      if (target !== undefined) {
        if (target.port !== port) {
          agent.destroy();
          [agent, port] = [newAgent(), target.port];
        }
        report(await once(target, `${index}-${round}`, agent));
      }
      await rest(index < kept + fresh ? restMs : longRest());
    }
    agent.destroy();
  };
  const loops = Array.from({ length: kept + fresh + resting }, (_, index) => loop(index));
  return async () => {
    stopping = true;
    await Promise.all(loops);
  };
}

function longRest() {
  const [least = 0, most = 0] = LONG_REST_MS;
  return least + Math.random() * (most - least);
}

/**
 * What a loop asks for: targets of one port. Half of the loops ask for the first, a quarter for the second, and a quarter for the
 * last.
 * @param {number} index @param {readonly Target[]} all
 */
function targetsOf(index, all) {
  const ports = [...new Set(all.map(({ port }) => port))];
  const port = [ports.at(-1), ports[1], ports[0], ports[0]][index % 4];
  return all.filter((target) => target.port === port);
}

/**
 * @param {Target} target @param {string} id @param {Agent} agent
 * @returns {Promise<object>}
 */
function once({ target, port, host, path }, id, agent) {
  const sentAt = now();
  return new Promise((resolve) => {
    const headers = { host, "x-lab-id": id };
    const req = request({ host: "127.0.0.1", port, path, headers, agent });
    let status = 0;
    const end = (/** @type {object} */ how) => {
      clearTimeout(timer);
      resolve({ id, target, sentAt, doneAt: now(), status, backend: "", error: "", reused: false, ...how });
    };
    const timer = setTimeout(() => {
      end({ error: "timeout" });
      req.destroy();
    }, TIMEOUT_MS);
    const failed = (/** @type {NodeJS.ErrnoException} */ error) =>
      end({ error: error.code ?? error.message, reused: req.reusedSocket });
    req.on("error", failed);
    req.once("response", (response) => {
      status = response.statusCode ?? 0;
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("error", failed);
      response.once("end", () => end({ backend: response.headers["x-backend"] ?? "", body: body.trim() }));
    });
    req.end();
  });
}
