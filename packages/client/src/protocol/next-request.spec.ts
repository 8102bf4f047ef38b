import { expect, test } from "vitest";
import { anything, drain, response, startedSubStream, TYPE, wire } from "../../spec-support/messages.js";
import { nextRequest, streamLost } from "./next-request.js";
import { receive } from "./receive.js";
import { createSubStream } from "./sub-stream.js";
import { unwant, want } from "./want.js";

const limits = { resources: 10, bytes: 1000 };

test("the first request lists every wanted name", () => {
  const sub = createSubStream(TYPE, limits);
  want(sub, ["a", "b", "*"]);
  expect(drain(sub)).toEqual([
    {
      typeUrl: TYPE,
      subscribe: ["a", "b", "*"],
      unsubscribe: [],
      initialResourceVersions: new Map(),
      responseNonce: "",
    },
  ]);
});

test("there is no first request while nothing is wanted: it would mean everything", () => {
  const sub = createSubStream(TYPE, limits);
  expect(nextRequest(sub)).toBeUndefined();
  want(sub, ["a"]);
  unwant(sub, ["a"]);
  expect(nextRequest(sub)).toBeUndefined();
});

test("the first request of a new stream restates the names and the versions of what is held", () => {
  const sub = startedSubStream(["a", "b", "gone"]);
  receive(sub, response({ resources: [wire("a", "1"), wire("b", "7")], removed: ["gone"] }), anything, 0);
  streamLost(sub);
  expect(drain(sub)).toMatchObject([
    {
      subscribe: ["a", "b", "gone"],
      initialResourceVersions: new Map([
        ["a", "1"],
        ["b", "7"],
      ]),
    },
  ]);
});

test("versions are told only once on a stream", () => {
  const sub = startedSubStream(["a"]);
  receive(sub, response({ resources: [wire("a")] }), anything, 0);
  drain(sub);
  want(sub, ["b"]);
  expect(drain(sub)).toMatchObject([{ subscribe: ["b"], initialResourceVersions: new Map() }]);
});

test("versions are held back while the wildcard is unanswered, because the server could find nothing to answer", () => {
  const sub = startedSubStream(["a"]);
  receive(sub, response({ resources: [wire("a")] }), anything, 0);
  streamLost(sub);
  want(sub, ["*"]);
  expect(drain(sub)).toMatchObject([{ subscribe: ["a", "*"], initialResourceVersions: new Map() }]);
});

test("changes of subscriptions go before answers, and answers go one by one", () => {
  const sub = startedSubStream(["a"]);
  receive(sub, response({ nonce: "n1" }), anything, 0);
  receive(sub, response({ nonce: "n2" }), anything, 0);
  want(sub, ["b"]);
  expect(drain(sub)).toMatchObject([
    { subscribe: ["b"], responseNonce: "" },
    { subscribe: [], responseNonce: "n1" },
    { subscribe: [], responseNonce: "n2" },
  ]);
});

test("answers to a stream that was lost are not sent on the next one", () => {
  const sub = startedSubStream(["a"]);
  receive(sub, response({ nonce: "n1" }), anything, 0);
  streamLost(sub);
  expect(drain(sub)).toMatchObject([{ subscribe: ["a"], responseNonce: "" }]);
});

test("a stream on which everything was given up still answers, and can subscribe anew", () => {
  const sub = startedSubStream(["a"]);
  unwant(sub, ["a"]);
  receive(sub, response({ nonce: "n1", resources: [wire("a")] }), anything, 0);
  want(sub, ["b"]);
  expect(drain(sub)).toMatchObject([
    { subscribe: ["b"], unsubscribe: ["a"], responseNonce: "" },
    { subscribe: [], responseNonce: "n1" },
  ]);
});
