import fc from "fast-check";
import { expect, test } from "vitest";
import { anything, response, startedSubStream, TYPE, versions, wire } from "../../spec-support/messages.js";
import { backlogOf, postpone, settle } from "./answers.js";
import { nextRequest, streamLost } from "./next-request.js";
import { receive } from "./receive.js";
import type { StreamState } from "./sub-stream.js";

const step = fc.oneof(
  fc.record({
    do: fc.constant("respond" as const),
    name: fc.constantFrom("a", "b", "c"),
    version: fc.constantFrom("1", "2"),
    confirm: fc.boolean(),
  }),
  fc.record({ do: fc.constant("settle" as const), which: fc.nat(), refused: fc.boolean() }),
  fc.record({ do: fc.constant("write" as const) }),
  fc.record({ do: fc.constant("lose" as const) }),
);

test("each response is answered once, in order and never before it is settled; what is not confirmed is not said to be held", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const sub = startedSubStream(["*"]);
      let count = 0;
      /** Nonces of this stream that are yet to be answered, with the answer: undefined while it is not known. */
      let due: { nonce: string; answer: "ACK" | "NACK" | undefined }[] = [];
      const open: { finish(refused: boolean): void }[] = [];
      /** Names of which the newest content is not confirmed, as those who count them say. */
      const doubtful = new Map<string, object>();
      const write = () => {
        const request = nextRequest(sub);
        if (request === undefined || request.responseNonce === "") return request;
        const [next, ...rest] = due;
        due = rest;
        expect([request.responseNonce, request.error === undefined ? "ACK" : "NACK"]).toEqual([
          next?.nonce,
          next?.answer,
        ]);
        return request;
      };
      for (const each of steps) {
        if (each.do === "respond" && sub.stream !== undefined) {
          const nonce = `n${count++}`;
          const outcome = receive(sub, response({ nonce, resources: [wire(each.name, each.version)] }), anything, 0);
          if (outcome.kind !== "accepted") throw new Error("expected that it is accepted");
          const resources = [...outcome.change.upserts, ...(outcome.change.repeated ?? [])];
          const entry: (typeof due)[number] = { nonce, answer: "ACK" };
          due.push(entry);
          if (resources.length === 0) continue;
          if (!each.confirm) {
            settle(sub, undefined, resources);
            doubtful.delete(each.name);
            continue;
          }
          const answer = sub.stream.answers.at(-1)!;
          entry.answer = undefined;
          postpone(sub, answer, resources);
          doubtful.set(each.name, resources[0]!);
          open.push({
            finish(refused) {
              entry.answer = refused ? "NACK" : "ACK";
              settle(sub, answer, resources, refused ? "no" : undefined);
              if (!refused && doubtful.get(each.name) === resources[0]) doubtful.delete(each.name);
            },
          });
        } else if (each.do === "settle" && open.length > 0) {
          open.splice(each.which % open.length, 1)[0]!.finish(each.refused);
        } else if (each.do === "write") {
          write();
        } else if (each.do === "lose") {
          streamLost(sub);
          due = [];
          const held = versions(sub);
          for (const name of doubtful.keys()) held[name] = "";
          const first = write();
          expect(first?.typeUrl).toBe(TYPE);
          if (sub.wildcardAnswered) expect(Object.fromEntries(first!.initialResourceVersions)).toEqual(held);
        }
      }
      for (const { finish } of open.splice(0)) finish(false);
      while (write() !== undefined) {
        // Until everything is answered.
      }
      expect(due).toEqual([]);
    }),
    { numRuns: 5 * (fc.readConfigureGlobal().numRuns ?? 100) },
  );
});

test("answers that wait for another one do not stop the client from reading, unless they are very many", () => {
  const answers: StreamState["answers"] = [{ nonce: "1" }, { nonce: "2", pending: true }, { nonce: "3" }];
  expect(backlogOf(answers)).toBe(1);
  expect(backlogOf(Array.from({ length: 40 }, () => ({ nonce: "x" })))).toBe(40);
  const many: StreamState["answers"] = [{ nonce: "0", pending: true }];
  for (let i = 0; i < 1000; i++) many.push({ nonce: `${i}` });
  expect(backlogOf(many)).toBe(1001);
});
