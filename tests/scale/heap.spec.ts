import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { rawXds } from "@rxds/testkit";
import { typeUrls } from "rxds";
import { expect, test } from "vitest";

/** Streams before the first measurement, for what is made once: code, shared bodies, tables. */
const FIRST = 50;
const MORE = 150;
const SAME_BYTES = 10 << 10;
const NAMES = Array.from({ length: 50 }, (_, i) => `cluster-${i}`);

async function ask(child: ChildProcess, message: object): Promise<Record<string, unknown>> {
  const answer = once(child, "message");
  child.send(message);
  return (await answer)[0] as Record<string, unknown>;
}

/** Opens a delta stream that sees every cluster and 50 load assignments, and acknowledges what it gets. */
async function open(address: string) {
  const stream = rawXds({ address, mode: "delta" });
  stream.send({ typeUrl: typeUrls.cluster, node: { id: "n" } });
  stream.send({ typeUrl: typeUrls.endpoints, resourceNamesSubscribe: NAMES });
  for (const typeUrl of [typeUrls.cluster, typeUrls.endpoints]) {
    const response = await stream.nextOfType(typeUrl, { deadlineMs: 30_000 });
    stream.ack(response);
  }
  return stream;
}

/** The heap that a stream costs a server with so many clusters, in bytes. */
async function heapPerStream(clusters: number): Promise<number> {
  const program = fileURLToPath(new URL("heap-server.mjs", import.meta.url));
  const child = fork(program, { execArgv: ["--expose-gc"] });
  const streams: Awaited<ReturnType<typeof open>>[] = [];
  try {
    const { address } = (await ask(child, { clusters })) as { address: string };
    const measure = async (count: number) => {
      while (streams.length < count) streams.push(await open(address));
      return (await ask(child, { streams: count })).bytes as number;
    };
    const before = await measure(FIRST);
    return ((await measure(FIRST + MORE)) - before) / MORE;
  } finally {
    for (const stream of streams) await stream[Symbol.asyncDispose]();
    child.disconnect();
    await once(child, "exit");
  }
}

test("a stream costs as much heap at 10,000 clusters as at 10", async () => {
  const small = await heapPerStream(10);
  const large = await heapPerStream(10_000);
  const message = `per stream: ${Math.round(small)} bytes at 10 clusters, ${Math.round(large)} at 10,000`;
  expect(small, message).toBeGreaterThan(0);
  expect(Math.abs(large - small), message).toBeLessThan(SAME_BYTES);
});
