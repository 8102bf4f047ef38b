// Many streams of which some do not read: what they cost, and what the others feel of it.
import { create } from "@bufbuild/protobuf";
import { SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import { createStore, endpoints, serveXds, typeUrls } from "rxds";
import { median } from "../../report/median.js";
import { time } from "../table.js";
import { startClients } from "./clients.js";
import { memory } from "./memory.js";

const EACH = 100;
/** Changes that are timed one after the other. */
const EACH_ROUND = 4;
const LARGE_BYTES = 256 << 10;

/** A change that goes to all streams. @param {number} stamp */
const small = (stamp) => endpoints("small", [`10.0.0.${stamp % 250}:80`]);

/** A change that goes to those that do not read. @param {number} stamp */
const large = (stamp) =>
  create(SecretSchema, {
    name: "large",
    type: {
      case: "genericSecret",
      value: { secret: { specifier: { case: "inlineString", value: `${stamp}`.padEnd(LARGE_BYTES, ".") } } },
    },
  });

/**
 * Measures, and returns a table.
 * @param {{ streams: number, stalled: number, rounds: number }} size `streams`: all; `stalled`: those of them that stop reading; `rounds`: how often.
 */
export async function scale({ streams, stalled, rounds }) {
  const store = createStore();
  store.update((tx) => tx.set(small(0), large(0)));
  const server = await serveXds({
    address: "127.0.0.1:0",
    snapshots: store,
    limits: { streamsPerPeer: streams },
    // Those that stand still answer no ping, and are not to be gone before they are measured.
    keepaliveMs: 600_000,
  });
  /** @type {{ end(): Promise<void> }[]} */
  const started = [];
  try {
    const empty = await memory();
    const reading = streams - stalled;
    const shared = { [typeUrls.endpoints]: ["small"] };
    const readers = startClients(server.address, reading / EACH, EACH, shared);
    started.push(readers);
    const opening = performance.now();
    await readers.have(typeUrls.endpoints, 1);
    const opened = performance.now() - opening;
    await server.converged(undefined, { clients: reading, deadlineMs: 60_000 });
    const open = await memory();

    let round = 1;
    /** The time until every reader has a change and has acknowledged it, in ms. */
    const change = async () => {
      const start = performance.now();
      store.update((tx) => tx.set(small(round)));
      await readers.have(typeUrls.endpoints, ++round);
      return performance.now() - start;
    };
    /** Those times, and the server's CPU time for each, in ms. */
    const changes = async () => {
      const start = process.cpuUsage();
      const times = [];
      for (let i = 0; i < EACH_ROUND; i++) times.push(await change());
      const { user, system } = process.cpuUsage(start);
      return { times, cpu: (user + system) / 1000 / EACH_ROUND };
    };
    await changes();

    const sleepers = startClients(server.address, stalled, 1, { ...shared, [typeUrls.secret]: ["large"] });
    started.push(sleepers);
    await sleepers.have(typeUrls.secret, 1);
    let stamp = 0;
    const fill = async (/** @type {number} */ rounds) => {
      for (let i = 0; i < rounds; i++) {
        store.update((tx) => tx.set(large(++stamp)));
        await change();
      }
    };
    await server.converged(undefined, { clients: streams, deadlineMs: 60_000 });
    const without = await memory();
    sleepers.stall();
    await fill(10);
    const silentNow = () => server.clients().filter(({ node }) => node.id.startsWith(`node-${sleepers.pid}-`));
    // The large ones go out behind the small ones, which is all that `fill` waits for.
    const deadline = performance.now() + 60_000;
    while (silentNow().some(({ unsentBytes }) => unsentBytes === 0) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const filled = await memory();
    const silent = silentNow();
    const unsent = silent.reduce((sum, { unsentBytes }) => sum + unsentBytes, 0) / silent.length;

    // What else the machine does changes by the second: both are measured in turn.
    /** @type {Awaited<ReturnType<typeof changes>>[]} */
    const asleep = [];
    /** @type {Awaited<ReturnType<typeof changes>>[]} */
    const awake = [];
    for (let i = 0; i < rounds; i++) {
      asleep.push(await changes());
      sleepers.wake();
      await server.converged(undefined, { clients: streams, deadlineMs: 60_000 });
      awake.push(await changes());
      sleepers.stall();
      await fill(2);
    }
    const some = stalled.toLocaleString("en");
    const timesOf = (/** @type {typeof awake} */ all) => median(all.flatMap(({ times }) => times));
    const cpuOf = (/** @type {typeof awake} */ all) => median(all.map(({ cpu }) => cpu));

    return rows([
      [`streams open, ${EACH} on each connection`, reading.toLocaleString("en")],
      ["until all were open and had a first response", time(opened)],
      ["resident memory of each", bytes((open.rss - empty.rss) / reading)],
      [`a change until the last of them has acknowledged it, beside ${some} that read too`, time(timesOf(awake))],
      [`  beside ${some} that do not read`, against(timesOf(asleep), timesOf(awake))],
      ["the server's CPU time for it", time(cpuOf(awake))],
      [`  beside ${some} that do not read`, against(cpuOf(asleep), cpuOf(awake))],
      [`for each that does not read, after ten changes of ${bytes(LARGE_BYTES)} each:`, ""],
      ["  bytes that wait for it", bytes(unsent)],
      ["  resident memory more than before", bytes((filled.rss - without.rss) / stalled)],
      ["  memory of its socket in the kernel, both ends", bytes((filled.sockets - without.sockets) / stalled)],
    ]);
  } finally {
    for (const clients of started) await clients.end();
    await server.close(0);
  }
}

/** @param {number} ms @param {number} base */
const against = (ms, base) => `${time(ms)}, x${(ms / base).toPrecision(3)}`;

/** @param {number} count */
function bytes(count) {
  return Math.abs(count) >= 1 << 20
    ? `${(count / (1 << 20)).toPrecision(3)} MiB`
    : `${(count / 1024).toPrecision(3)} KiB`;
}

/** @param {readonly (readonly [string, string])[]} lines */
function rows(lines) {
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd()).join("\n");
}
