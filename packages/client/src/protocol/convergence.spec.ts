import fc from "fast-check";
import { expect, test } from "vitest";
import { anything, response, TYPE, versions, wire } from "../../spec-support/messages.js";
import type { DeltaRequest, DeltaResponse } from "./messages.js";
import { nextRequest, streamLost } from "./next-request.js";
import { receive } from "./receive.js";
import { createSubStream, isAnswered } from "./sub-stream.js";
import { unwant, want } from "./want.js";

// Against a server that follows the protocol, however late messages are and however often the stream breaks, the client
// ends up with what the server has under the names that it wants. Names that start with "o" are served on demand only:
// they are not part of the wildcard. The protocol has a gap there: if such a name is given up, `*` is subscribed to, and
// the resource was still on its way, nothing tells the client that it is not part of the wildcard. The next stream does.

type Content = Map<string, string>;

interface ServerStream {
  names: Set<string>;
  /** What the client is thought to have. */
  sent: Map<string, string>;
  first: boolean;
}

const serves = (stream: ServerStream, name: string): boolean =>
  stream.names.has(name) || (stream.names.has("*") && !name.startsWith("o"));

/** The names whose state differs from what was sent; forced ones are answered in any case. */
function answer(stream: ServerStream, content: Content, forced: Set<string>, nonce: string): DeltaResponse | undefined {
  const due = (name: string): boolean => content.has(name) && serves(stream, name);
  const all = new Set([...content.keys(), ...stream.sent.keys(), ...forced]);
  const sending = [...all].filter(
    (name) => due(name) && (forced.has(name) || stream.sent.get(name) !== content.get(name)),
  );
  const removed = [...all].filter((name) => !due(name) && (forced.has(name) || stream.sent.has(name)));
  for (const name of sending) stream.sent.set(name, content.get(name)!);
  for (const name of removed) stream.sent.delete(name);
  if (sending.length + removed.length === 0) return undefined;
  return response({ nonce, resources: sending.map((name) => wire(name, content.get(name)!)), removed });
}

function serve(
  stream: ServerStream,
  content: Content,
  request: DeltaRequest,
  nonce: string,
): DeltaResponse | undefined {
  if (request.responseNonce !== "") return undefined;
  const forced = new Set<string>();
  const wasFirst = stream.first;
  if (stream.first) stream.sent = new Map(request.initialResourceVersions);
  stream.first = false;
  const newWildcard = request.subscribe.includes("*") && !stream.names.has("*");
  for (const name of request.subscribe) {
    stream.names.add(name);
    const current = wasFirst && content.has(name) && stream.sent.get(name) === content.get(name);
    if (name !== "*" && !current) forced.add(name);
  }
  for (const name of request.unsubscribe) {
    stream.names.delete(name);
    if (name === "*") for (const each of [...stream.sent.keys()]) if (!stream.names.has(each)) stream.sent.delete(each);
    if (name !== "*" && stream.names.has("*")) forced.add(name);
    else stream.sent.delete(name);
  }
  const reply = answer(stream, content, forced, nonce);
  const mustAnswer = newWildcard && request.initialResourceVersions.size === 0;
  return reply ?? (mustAnswer ? response({ nonce }) : undefined);
}

const name = fc.constantFrom("a", "b", "c", "o1", "o2");
const names = fc.uniqueArray(fc.oneof({ weight: 3, arbitrary: name }, fc.constant("*")), {
  minLength: 1,
  maxLength: 3,
});
const step = fc.oneof(
  fc.record({ do: fc.constant("want" as const), names }),
  fc.record({ do: fc.constant("unwant" as const), names }),
  fc.record({ do: fc.constant("set" as const), name, version: fc.constantFrom("1", "2", "3") }),
  fc.record({ do: fc.constant("delete" as const), name }),
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("write" as const, "serve" as const, "read" as const) }) },
  fc.record({ do: fc.constant("break" as const) }),
);

test("the client ends up with what the server has", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const sub = createSubStream(TYPE, { resources: 100, bytes: 100_000 });
      const content: Content = new Map();
      let stream: ServerStream = { names: new Set(), sent: new Map(), first: true };
      let requests: DeltaRequest[] = [];
      let responses: DeltaResponse[] = [];
      let nonce = 0;
      const send = (reply: DeltaResponse | undefined): void => {
        if (reply !== undefined) responses.push(reply);
      };
      const push = (): void => {
        if (!stream.first) send(answer(stream, content, new Set(), `n${nonce++}`));
      };
      const write = (): boolean => {
        const request = nextRequest(sub);
        if (request !== undefined) requests.push(request);
        return request !== undefined;
      };
      const serveOne = (): boolean => {
        const request = requests.shift();
        if (request !== undefined) send(serve(stream, content, request, `n${nonce++}`));
        return request !== undefined;
      };
      const read = (): boolean => {
        const next = responses.shift();
        if (next !== undefined) expect(receive(sub, next, anything, 0).kind).toBe("accepted");
        return next !== undefined;
      };
      const breakStream = (): void => {
        streamLost(sub);
        requests = [];
        responses = [];
        stream = { names: new Set(), sent: new Map(), first: true };
      };
      const settle = (): void => {
        while (write() || serveOne() || read()) {
          // Until nothing is on its way.
        }
        for (const wanted of sub.wanted) expect(isAnswered(sub, wanted), `${wanted} is answered`).toBe(true);
        expect([...stream.names].sort()).toEqual([...sub.wanted].sort());
      };
      for (const each of steps) {
        if (each.do === "want") want(sub, each.names);
        else if (each.do === "unwant") unwant(sub, each.names);
        else if (each.do === "set") content.set(each.name, each.version);
        else if (each.do === "delete") content.delete(each.name);
        else if (each.do === "write") write();
        else if (each.do === "serve") serveOne();
        else if (each.do === "read") read();
        else breakStream();
        if (each.do === "set" || each.do === "delete") push();
      }
      settle();
      const wildcard = sub.wanted.has("*");
      const served = [...content].filter(([key]) => sub.wanted.has(key) || (wildcard && !key.startsWith("o")));
      expect(versions(sub)).toMatchObject(Object.fromEntries(served));
      const extra = [...sub.held.keys()].filter((key) => !served.some(([each]) => each === key));
      for (const key of extra) expect([key, wildcard]).toEqual([expect.stringMatching(/^o/), true]);
      breakStream();
      settle();
      expect(versions(sub)).toEqual(Object.fromEntries(served));
    }),
    { numRuns: 2000 },
  );
});
