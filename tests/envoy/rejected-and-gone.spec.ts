import { eventually, withEnvoy } from "@rxds/testkit";
import { createSnapshot, edit, edsCluster, endpoints, type Snapshot, serveXds, typeUrls, type XdsEvent } from "rxds";
import { BehaviorSubject } from "rxjs";
import { expect, test } from "vitest";
import { layCable } from "./cable.js";
import { NODE_ID } from "./lab.js";
import { rejectionKinds } from "./rejection-kinds.js";
import { revisions } from "./revisions.js";

const node = { id: NODE_ID, cluster: "c" };

function cluster(name: string, revision: string) {
  const made = edsCluster({ name });
  made.altStatName = revision;
  return made;
}

const hosts = (name: string) => endpoints(name, ["127.0.0.1:9"]);

const first = createSnapshot([cluster("a", "1"), hosts("a"), cluster("g", "1"), hosts("g")]);

/** A changed cluster, one more, one that Envoy rejects, and one less. */
async function second(): Promise<Snapshot> {
  const bad = await rejectionKinds[0]!.bad("bad", 0);
  return edit(first, (draft) => {
    draft.set(cluster("a", "2"), cluster("k", "2"), hosts("k"), bad);
    draft.delete(typeUrls.cluster, "g");
    draft.delete(typeUrls.endpoints, "g");
  });
}

/** Whether things go one after the other, or all at once: then the removal is in the response that Envoy rejects. */
const ways = [
  { way: "in order", hitless: { lingerMs: 1, drainMs: 1 } },
  { way: "all at once", hitless: false },
] as const;

test.each(ways)(
  "what Envoy uses of a change that it rejected is taken back although its stream was lost ($way)",
  async ({ hitless }) => {
    const snapshots = new BehaviorSubject(first);
    await using server = await serveXds({ address: "127.0.0.1:0", snapshots, hitless });
    await using cable = await layCable(server.address);
    const events: XdsEvent[] = [];
    // What follows a rejection does not arrive.
    server.events$.subscribe((event) => {
      events.push(event);
      if (event.kind === "rejected") cable.cut();
    });
    await withEnvoy({ ads: cable.address, mode: "delta", node }, async (envoy) => {
      await envoy.ready();
      await server.converged(first.version);
      expect(await revisions(envoy, typeUrls.cluster)).toEqual({ a: "1", g: "1" });
      snapshots.next(await second());
      await eventually(() => expect(events.map(({ kind }) => kind)).toContain("disconnected"));
      // It uses what is good of what it rejected.
      const used = await revisions(envoy, typeUrls.cluster);
      expect(used).toEqual({ a: "2", k: "2", ...(hitless !== false && { g: "1" }) });
      snapshots.next(first);
      cable.mend(server.address);
      await eventually(async () => expect(await revisions(envoy, typeUrls.cluster)).toEqual({ a: "1", g: "1" }), {
        deadlineMs: 30_000,
      });
      await server.converged(first.version);
      // Nothing is doubtful any more: the next stream is sent nothing.
      const before = events.length;
      cable.cut();
      await eventually(() => expect(events.slice(before).map(({ kind }) => kind)).toContain("disconnected"));
      cable.mend(server.address);
      await eventually(() => expect(server.clients().flatMap(({ types }) => types)).toHaveLength(3), {
        deadlineMs: 30_000,
      });
      await server.converged(first.version);
      const sent = events.slice(before).flatMap((event) => (event.kind === "sent" ? [event] : []));
      expect(sent.flatMap(({ names, removedNames }) => [...names, ...removedNames])).toEqual([]);
    });
  },
);

test("a cluster that went with a change that Envoy rejected comes back although the control plane was restarted", async () => {
  const snapshots = new BehaviorSubject(first);
  const old = await serveXds({ address: "127.0.0.1:0", snapshots, hitless: false });
  await using cable = await layCable(old.address);
  let rejected = false;
  old.events$.subscribe(({ kind }) => {
    if (kind !== "rejected") return;
    rejected = true;
    cable.cut();
  });
  await withEnvoy({ ads: cable.address, mode: "delta", node }, async (envoy) => {
    await envoy.ready();
    await old.converged(first.version);
    snapshots.next(await second());
    await eventually(() => expect(rejected).toBe(true));
    expect(await revisions(envoy, typeUrls.cluster)).toEqual({ a: "2", k: "2" });
    await old.close();
    await using server = await serveXds({ address: "127.0.0.1:0", snapshots: first });
    cable.mend(server.address);
    await eventually(async () => expect(await revisions(envoy, typeUrls.cluster)).toHaveProperty("g"), {
      deadlineMs: 30_000,
    });
  });
});
