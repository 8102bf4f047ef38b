import { planRedirects } from "@rxds/mesh";
import { eventually } from "@rxds/testkit";
import { lastValueFrom } from "rxjs";
import { afterEach, expect, test } from "vitest";
import { memorySink } from "../spec-support/memory-sink.js";
import { meshOf, startAgent, startEnvoy, startPlane, stopAll } from "../spec-support/world.js";

afterEach(stopAll);

/** Everything runs, and the plan of a mesh with two services is in force. */
async function running() {
  const world = await startPlane(meshOf(2));
  const { address } = world.server;
  const sink = memorySink();
  const envoy = startEnvoy(address);
  const agent = startAgent(address, sink);
  const first = planRedirects(meshOf(2), "n1");
  await eventually(() => expect(world.applied).toEqual([first.generation]));
  return { ...world, address, sink, envoy, agent, first };
}

test("a plan goes from the mesh into force, and the plane hears of it", async () => {
  const { sink, agent, first, sent, events } = await running();
  expect(sink.plans).toEqual([first]);
  expect(agent.status).toMatchObject({
    connection: { state: "connected" },
    plan: first.generation,
    applied: first.generation,
    problems: [],
    failed: undefined,
  });
  expect(sent()).toEqual([["group node~n1", "plan", "service node~n1 default/s0", "service node~n1 default/s1"]]);
  expect(events().map(({ kind }) => kind)).toEqual(["connected", "sent", "acked"]);
});

test("a change costs what changed, and an Envoy goes on serving until nothing is redirected to it any more", async () => {
  const { sink, first, sent, mesh$, envoy, applied, agentStatus } = await running();
  sink.behaviour = "wait";
  mesh$.next(meshOf(2, "sidecar"));
  await eventually(() => expect(agentStatus()?.inFlight.length).toBe(1));
  // Nobody has said that the sidecar is ready: what was redirected stays so.
  expect(sink.inForce).toEqual(first);
  expect(envoy.listeners()).toContain("tcp/10.96.0.1:80");
  mesh$.next(meshOf(3));
  const third = planRedirects(meshOf(3), "n1");
  await eventually(() => expect(sink.plans.at(-1)).toEqual(third));
  sink.apply();
  await eventually(() => expect(applied.at(-1)).toBe(third.generation));
  expect(sent().flat()).toContain("service node~n1 default/s2");
  // Of what did not change nothing was sent again.
  expect(
    sent()
      .flat()
      .filter((name) => name.endsWith("default/s0") && name.startsWith("service node~n1")),
  ).toHaveLength(1);
});

test("an Envoy lets go of what nobody is redirected to any more when the agent has put that into force", async () => {
  const { sink, mesh$, envoy, address, applied } = await running();
  startEnvoy(address, "sidecar~default/web");
  sink.behaviour = "wait";
  mesh$.next(meshOf(2, "sidecar"));
  const second = planRedirects(meshOf(2, "sidecar"), "n1");
  await eventually(() => expect(sink.plans.at(-1)?.groups).toEqual(second.groups));
  expect(envoy.listeners()).toContain("tcp/10.96.0.1:80");
  sink.apply();
  await eventually(() => expect(applied.at(-1)).toBe(second.generation));
  await eventually(() => expect(envoy.listeners()).not.toContain("tcp/10.96.0.1:80"));
});

test("a control plane that was away and knows the same sends nothing again, and hears what is in force", async () => {
  const { stop, server, sink, agent, first } = await running();
  await stop();
  await eventually(() => expect(agent.status.connection.state).not.toBe("connected"));
  expect(sink.inForce).toEqual(first);
  const second = await startPlane(meshOf(2), server.port);
  await eventually(() => expect(second.applied).toEqual([first.generation]));
  // At most an answer with nothing in it.
  expect(second.sent().flat()).toEqual([]);
  expect(sink.plans).toEqual([first]);
  // And what changes from then on comes.
  second.mesh$.next(meshOf(1));
  const next = planRedirects(meshOf(1), "n1");
  await eventually(() => expect(second.applied).toEqual([first.generation, next.generation]));
  expect(sink.inForce).toEqual(next);
});

test("an agent that starts again is sent the plan, and what is in force stays so meanwhile", async () => {
  const { agent, sink, first, address, sent, applied, mesh$ } = await running();
  const last = lastValueFrom(agent.status$);
  await agent.close();
  expect((await last).connection.state).toBe("closed");
  expect([sink.closed, sink.inForce]).toEqual([1, first]);
  sink.behaviour = "wait";
  const again = startAgent(address, sink);
  expect(again.status).toMatchObject({ applied: first.generation, plan: undefined });
  await eventually(() => expect(sink.plans).toEqual([first, first]));
  expect(sent().length).toBe(2);
  sink.apply();
  mesh$.next(meshOf(1));
  await eventually(() => expect(sink.plans.length).toBe(3));
  sink.apply();
  await eventually(() => expect(applied.at(-1)).toBe(sink.plans[2]!.generation));
});

test("a plan that the sink cannot put into force is refused with the reason, and the next one is taken", async () => {
  const { agent, sink, first, mesh$, events, agentStatus, applied } = await running();
  sink.behaviour = new Error("map redirect_v4 is full");
  mesh$.next(meshOf(1));
  const bad = planRedirects(meshOf(1), "n1");
  const reason = `plan ${bad.generation}: not in force: map redirect_v4 is full`;
  await eventually(() => expect(agentStatus()?.quarantined).toMatchObject([{ name: "plan", reason }]));
  expect(events().filter(({ kind }) => kind === "rejected")).toMatchObject([{ names: ["plan"] }]);
  expect(agentStatus()?.rejected?.detail).toBe(reason);
  expect(agent.status).toMatchObject({
    plan: bad.generation,
    applied: first.generation,
    failed: { generation: bad.generation },
  });
  expect(applied).toEqual([first.generation]);
  sink.behaviour = "apply";
  mesh$.next(meshOf(0));
  const next = planRedirects(meshOf(0), "n1");
  await eventually(() => expect(applied).toEqual([first.generation, next.generation]));
  expect(agent.status).toMatchObject({ applied: next.generation, failed: undefined });
  expect(agentStatus()?.quarantined).toEqual([]);
});

test("a plan that the sink could not put into force is tried again when the agent comes back", async () => {
  const { sink, mesh$, server, stop, agent } = await running();
  sink.behaviour = new Error("map redirect_v4 is full");
  mesh$.next(meshOf(1));
  await eventually(() => expect(agent.status.failed).toBeDefined());
  const next = planRedirects(meshOf(1), "n1");
  await stop();
  sink.behaviour = "apply";
  const second = await startPlane(meshOf(1), server.port);
  await eventually(() => expect(second.applied).toEqual([next.generation]));
  expect(sink.inForce).toEqual(next);
  expect(second.sent()).toEqual([["plan"]]);
});

test("a plan that the sink puts into force later, by itself, is acknowledged after all", async () => {
  const { agent, sink, mesh$, agentStatus, applied, first } = await running();
  sink.behaviour = new Error("map redirect_v4 is full");
  mesh$.next(meshOf(1));
  await eventually(() => expect(agentStatus()?.quarantined.length).toBe(1));
  expect(applied).toEqual([first.generation]);
  sink.behaviour = "apply";
  sink.apply();
  const next = planRedirects(meshOf(1), "n1");
  await eventually(() => expect(applied).toEqual([first.generation, next.generation]));
  await eventually(() =>
    expect(agentStatus()).toMatchObject({ quarantined: [], inFlight: [], names: 0, pending: false }),
  );
  expect(agent.status).toMatchObject({ applied: next.generation, failed: undefined });
});

test("a sink may take its time to start, and one that cannot is told and refuses plans", async () => {
  const { server, agentStatus, applied } = await startPlane(meshOf(1));
  startEnvoy(server.address);
  const sink = memorySink();
  let ready = () => {};
  const started = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const slow = { ...sink, start: (plan$: Parameters<typeof sink.start>[0]) => started.then(() => sink.start(plan$)) };
  const agent = startAgent(server.address, slow);
  await eventually(() => expect(agentStatus()?.inFlight.length).toBe(1));
  expect(applied).toEqual([]);
  ready();
  await eventually(() => expect(applied).toEqual([planRedirects(meshOf(1), "n1").generation]));
  await agent.close();
  expect(sink.closed).toBe(1);
  const broken = startAgent(server.address, { ...sink, start: () => Promise.reject(new Error("no BPF here")) });
  const reason = "plan: the sink says nothing any more: no BPF here";
  await eventually(() => expect(agentStatus()?.rejected?.detail).toBe(reason));
  expect(broken.status.sinkError?.message).toBe(reason);
});

test("a plan that is overtaken while it is put into force is acknowledged with the later one", async () => {
  const { sink, first, mesh$, agentStatus, applied } = await running();
  sink.behaviour = "wait";
  mesh$.next(meshOf(1));
  await eventually(() => expect(sink.plans.length).toBe(2));
  mesh$.next(meshOf(0));
  await eventually(() => expect(sink.plans.length).toBe(3));
  expect(agentStatus()?.inFlight.length).toBe(2);
  expect([sink.inForce, applied]).toEqual([first, [first.generation]]);
  sink.apply();
  const last = planRedirects(meshOf(0), "n1");
  await eventually(() => expect(applied).toEqual([first.generation, last.generation]));
  expect(agentStatus()?.inFlight).toEqual([]);
});

test("the lost stream of a plan that is being put into force brings it again, and it is put into force once", async () => {
  const { sink, mesh$, server, stop, agent } = await running();
  sink.behaviour = "wait";
  mesh$.next(meshOf(1));
  await eventually(() => expect(sink.plans.length).toBe(2));
  await stop();
  await eventually(() => expect(agent.status.connection.state).not.toBe("connected"));
  const second = await startPlane(meshOf(1), server.port);
  await eventually(() => expect(second.sent()).toEqual([["plan"]]));
  expect(second.applied).toEqual([]);
  sink.apply();
  await eventually(() => expect(second.applied).toEqual([planRedirects(meshOf(1), "n1").generation]));
  expect(sink.plans.length).toBe(2);
});

test("a listener that an Envoy refuses holds up only what leads to it", async () => {
  const world = await startPlane(meshOf(1));
  const sink = memorySink();
  const refused = new Set(["tcp/10.96.0.2:80"]);
  startEnvoy(world.server.address, "node~n1", refused);
  startAgent(world.server.address, sink);
  const destinations = () => sink.inForce?.groups[0]?.entries.map(({ address }) => address);
  await eventually(() => expect(destinations()).toEqual(["10.96.0.1"]));
  world.mesh$.next(meshOf(3));
  await eventually(() => expect(destinations()).toEqual(["10.96.0.1", "10.96.0.3"]));
  const all = planRedirects(meshOf(3), "n1");
  // Nothing is redirected as an older plan said.
  await eventually(() => expect(world.applied.at(-1)).toBe(all.generation));
});

test("a plan that comes in very many responses is put into force when the last is there", async () => {
  const world = await startPlane(meshOf(100), 0, { limits: { responseBytes: 250 } });
  const sink = memorySink();
  startEnvoy(world.server.address);
  startAgent(world.server.address, sink);
  const all = planRedirects(meshOf(100), "n1");
  await eventually(() => expect(world.applied).toEqual([all.generation]));
  expect(sink.plans).toEqual([all]);
  expect(world.sent().length).toBeGreaterThan(50);
  await eventually(() => expect(world.agentStatus()?.inFlight).toEqual([]));
});

test("a sink that cannot be started is an error at once", async () => {
  const { server } = await startPlane(meshOf(1));
  const start = () => {
    throw new Error("no BPF here");
  };
  expect(() => startAgent(server.address, { ...memorySink(), start })).toThrow("no BPF here");
});
