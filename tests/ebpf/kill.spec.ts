import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { dumpRedirect, type InspectOptions, redirectStatus, verifyRedirect } from "@rxds/ebpf";
import type { RedirectPlan } from "@rxds/mesh";
import { beforeAll, expect, test } from "vitest";
import { type AgentLine, type AgentProgram, startAgentProgram } from "../examples/agent-program.js";
import { type EbpfLab, ebpfLab } from "../examples/ebpf-lab.js";
import { build, type Program, startProgram } from "../examples/program.js";
import { ECHO, planOf, writeBase, writeRound } from "./support/changing-mesh.js";

const ROUNDS = 50;

beforeAll(() => build("examples/node-mesh-ebpf", "packages/agent", "packages/testkit"));

/** A node with an Envoy, a caller, and a folder for the documents of its mesh. */
async function makeNode({ lab, folder, agentPlace, startEnvoy }: EbpfLab) {
  const node = await lab.node("n1", { addresses: ["10.244.1.1"] });
  const client = await node.pod("client", { addresses: ["10.244.1.10"], blackhole: true });
  const echo = await node.pod("echo", { addresses: ["10.244.1.20"] });
  await (await echo.agent()).serveHttp({ port: 9000, name: "echo" });
  const mesh = join(folder, "mesh");
  await mkdir(mesh);
  await writeBase(mesh, client, echo);
  const place = agentPlace(node);
  const where: InspectOptions = { pins: place.pins, hostNetworkNamespace: `/run/netns/${node.netns}` };
  return { client, mesh, place, where, envoy: await startEnvoy(node) };
}

/** The control plane and the agent of a node, which are killed together, and started together. */
class Pair implements AsyncDisposable {
  #running: { readonly plane: Program; readonly agent: AgentProgram };

  constructor(
    readonly startPlane: () => Program,
    readonly startAgent: (inPlace: number) => AgentProgram,
    inPlace: number,
  ) {
    this.#running = { plane: startPlane(), agent: startAgent(inPlace) };
  }

  get agent(): AgentProgram {
    return this.#running.agent;
  }

  async kill(): Promise<void> {
    const { plane, agent } = this.#running;
    for (const each of [agent, plane]) each.kill("SIGKILL");
    expect(await Promise.all([plane.ended, agent.ended])).toEqual(["SIGKILL", "SIGKILL"]);
  }

  start(inPlace: number): void {
    this.#running = { plane: this.startPlane(), agent: this.startAgent(inPlace) };
  }

  async restartAgent(inPlace: number): Promise<void> {
    this.agent.kill("SIGKILL");
    await this.agent.ended;
    this.#running = { ...this.#running, agent: this.startAgent(inPlace) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.#running).map((each) => each[Symbol.asyncDispose]()));
  }
}

/** Services by the address that is redirected for them. */
type Table = ReadonlyMap<string, string>;

const tableOf = ({ groups }: RedirectPlan): Table =>
  new Map(groups.flatMap(({ entries }) => entries).map(({ address, service }) => [address, service]));

/** A process says so for the first time when it has put its first plan into force. */
const isInForce = ({ applied }: AgentLine) => applied !== null;

test(`killed ${ROUNDS} times while it is changed, the redirect goes on and is repaired, and nothing is written without a change`, async () => {
  await using of = await ebpfLab();
  const { client, mesh, place, where, envoy } = await makeNode(of);
  await using _envoy = envoy;
  await writeRound(mesh, 0);
  /** Half of the agents change entries where they are, the others make a new table for each change. */
  const inPlace = (round: number) => (round % 2 === 0 ? 0 : 4096);
  await using pair = new Pair(
    () => startProgram(["examples/node-mesh-ebpf/dist/main.js", mesh, of.ads]),
    (most) => startAgentProgram(place, ["--in-place", String(most)]),
    inPlace(0),
  );
  /** Waits for the first plan since a start. It must be the whole of the round's: what is not known to be ready yet is not given up. */
  const inForce = async (round: number) => {
    const plan = planOf(round, client);
    const first = await pair.agent.until(isInForce, `round ${round}: a plan is in force`);
    expect(first, `round ${round}`).toMatchObject({ entries: tableOf(plan).size, problems: [] });
    expect(await verifyRedirect(plan, where), `round ${round}`).toEqual([]);
    return first;
  };
  await inForce(0);
  await using load = await (await client.agent()).startLoad({
    url: `http://${ECHO.address}:${ECHO.port}/`,
    loops: 1,
    intervalMs: 10,
    newConnectionEvery: 1,
  });
  const found = { before: 0, between: 0, after: 0 };
  for (let round = 1; round <= ROUNDS; round++) {
    const [old, next] = [round - 1, round].map((each) => tableOf(planOf(each, client))) as [Table, Table];
    const known = pair.agent.lines.at(-1)?.plan;
    await writeRound(mesh, round);
    await pair.agent.until(({ plan, applied }) => plan !== known && plan !== applied, `round ${round}: a plan comes`);
    // Each time at another moment of what is done then.
    const moment = performance.now() + (round % 10);
    while (performance.now() < moment) await setImmediate();
    await pair.kill();
    const left = new Map((await dumpRedirect(where)).entries.map(({ address, service }) => [address, service]));
    for (const [address, service] of left) {
      expect([old.get(address), next.get(address)], `round ${round}: ${address}`).toContain(service);
    }
    for (const address of old.keys()) {
      if (next.has(address)) expect(left.get(address), `round ${round}: ${address}`).toBeDefined();
    }
    const isOf = (table: Table) => [...left].every(([address, service]) => table.get(address) === service);
    found[isOf(old) ? "before" : isOf(next) ? "after" : "between"]++;
    pair.start(inPlace(round));
    await inForce(round);
    if (round % 10 === 0) {
      const { changes } = await redirectStatus(where);
      if (round % 20 === 0) {
        await pair.kill();
        pair.start(inPlace(round));
      } else await pair.restartAgent(inPlace(round));
      expect(await inForce(round)).toMatchObject({ writes: 0, table: "none" });
      expect((await redirectStatus(where)).changes).toBe(changes);
    }
  }
  // Before its plan was in force, while entries were changed one by one, and after that.
  expect(found.before + found.between, JSON.stringify(found)).toBeGreaterThan(0);
  expect(found.between + found.after, JSON.stringify(found)).toBeGreaterThan(0);
  expect(await load.stop()).toMatchObject({ failed: 0, failures: {} });
}, 180_000);
