import fc from "fast-check";
import { expect, test } from "vitest";
import { drain, response, TYPE } from "../../spec-support/messages.js";
import { expire } from "./expire.js";
import type { WireResource } from "./messages.js";
import { nextRequest, streamLost } from "./next-request.js";
import { receive } from "./receive.js";
import { createSubStream, type SubStream } from "./sub-stream.js";
import { unwant, want } from "./want.js";

// Whatever a server sends, whenever the stream breaks and whatever the user wants: what is held is what a model says that
// knows nothing of the code above and rebuilds plain lists at each step.

interface Item {
  name: string;
  version: string;
  aliases: string[];
  until: number;
}

interface Sent {
  name: string;
  version: string;
  aliases: string[];
  body: "good" | "refused" | "wrong type" | "none";
  ttl: number | undefined;
}

type Step =
  | { do: "want"; names: string[] }
  | { do: "unwant"; names: string[] }
  | { do: "flush" }
  | { do: "lose" }
  | { do: "wait"; ms: number }
  | { do: "respond"; resources: Sent[]; removed: string[] };

interface Model {
  wanted: string[];
  held: Item[];
  missing: string[];
  started: boolean;
  starTold: boolean;
  starAnswered: boolean;
  answers: { nonce: string; refused: boolean }[];
  now: number;
}

const goesBy = (item: { name: string; aliases: string[] }, name: string): boolean =>
  item.name === name || item.aliases.includes(name);

const matches = (model: Model, item: { name: string; aliases: string[] }): boolean =>
  model.wanted.some((name) => name === "*" || goesBy(item, name));

function modelFlush(model: Model): void {
  if (model.wanted.length > 0) model.started = true;
  if (model.started) model.starTold = model.wanted.includes("*");
}

function modelRespond(model: Model, nonce: string, resources: Sent[], removed: string[]): void {
  if (!model.started) return;
  const names = [...resources.map(({ name }) => name), ...removed];
  const refused =
    new Set(names).size < names.length ||
    resources.some((sent) => {
      if (sent.body === "wrong type") return true;
      if (!matches(model, sent)) return false;
      if (sent.body === "none") return !model.held.some((h) => h.name === sent.name && h.version === sent.version);
      return sent.body === "refused";
    });
  model.answers.push({ nonce, refused });
  if (refused) return;
  if (model.starTold) model.starAnswered = true;
  const goes = model.held.filter((item) => removed.some((name) => goesBy(item, name)));
  const gone = [...removed, ...goes.flatMap(({ name, aliases }) => [name, ...aliases])];
  model.held = model.held.filter((item) => !removed.some((name) => goesBy(item, name)));
  for (const { body, ttl, ...sent } of resources) {
    const until = ttl === undefined ? Number.POSITIVE_INFINITY : model.now + ttl;
    if (body === "none") {
      model.held = model.held.map((item) =>
        item.name === sent.name && matches(model, sent) ? { ...item, until } : item,
      );
    } else {
      model.held = model.held.filter(({ name }) => name !== sent.name);
      if (!matches(model, sent)) continue;
      model.held.push({ ...sent, until });
      model.missing = model.missing.filter((name) => !goesBy(sent, name));
    }
  }
  const missing = gone.filter((name) => model.wanted.includes(name) && !model.held.some((item) => goesBy(item, name)));
  model.missing = [...new Set([...model.missing, ...missing])];
}

function checkAnswers(model: Model, requests: ReturnType<typeof drain>): void {
  const answers = requests.filter((request) => request.responseNonce !== "");
  expect(answers.map(({ responseNonce, error }) => ({ nonce: responseNonce, refused: error !== undefined }))).toEqual(
    model.answers,
  );
  for (const answer of answers) expect([...answer.subscribe, ...answer.unsubscribe]).toEqual([]);
  model.answers = [];
}

function checkHeld(sub: SubStream, model: Model): void {
  const held = [...sub.held.values()].map(({ name, version, aliases }) => `${name} ${version} ${aliases.join()}`);
  expect(held.sort()).toEqual(
    model.held.map(({ name, version, aliases }) => `${name} ${version} ${aliases.join()}`).sort(),
  );
  let bytes = 0;
  for (const { name, version, aliases, value } of sub.held.values()) {
    bytes += name.length + version.length + aliases.join("").length + value.length;
  }
  expect(sub.bytes).toBe(bytes);
  expect([...sub.missing].sort()).toEqual([...model.missing].sort());
}

/** Everything that a consumer of a held resource can see. */
const contents = (sub: SubStream): Map<string, string> =>
  new Map([...sub.held.values()].map(({ name, version, aliases, value }) => [name, `${version} ${aliases} ${value}`]));

const wireOf = ({ name, version, aliases, body, ttl }: Sent): WireResource => ({
  name,
  version,
  aliases,
  ...(ttl === undefined ? {} : { ttlMs: ttl }),
  ...(body === "none"
    ? {}
    : { body: { typeUrl: body === "wrong type" ? "other" : TYPE, value: Buffer.from(`${version} ${body}`) } }),
});

const name = fc.constantFrom("a", "b", "c");
const alias: fc.Arbitrary<string> = fc.constantFrom("x", "y");
const wantedName = fc.oneof({ weight: 3, arbitrary: name }, alias, fc.constant("*"));
const sent: fc.Arbitrary<Sent> = fc.record({
  name,
  version: fc.constantFrom("1", "2"),
  aliases: fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, fc.uniqueArray(alias)),
  body: fc.oneof(
    { weight: 12, arbitrary: fc.constant("good" as const) },
    fc.constantFrom("refused" as const, "wrong type" as const, "none" as const),
  ),
  ttl: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("want" as const), names: fc.uniqueArray(wantedName, { minLength: 1 }) }),
  fc.record({ do: fc.constant("unwant" as const), names: fc.uniqueArray(wantedName, { minLength: 1, maxLength: 2 }) }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant("flush" as const) }) },
  fc.record({ do: fc.constant("lose" as const) }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 3 }) }),
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("respond" as const),
      resources: fc.array(sent, { maxLength: 3 }),
      removed: fc.array(fc.oneof(name, alias), { maxLength: 1 }),
    }),
  },
);

function take(sub: SubStream, model: Model, step: Step, nonce: string): void {
  if (step.do === "want") {
    want(sub, step.names);
    if (!model.wanted.includes("*") && step.names.includes("*")) model.starTold = false;
    model.wanted = [...new Set([...model.wanted, ...step.names])];
  } else if (step.do === "unwant") {
    unwant(sub, step.names);
    model.wanted = model.wanted.filter((each) => !step.names.includes(each));
    model.missing = model.missing.filter((each) => !step.names.includes(each));
    model.held = model.held.filter((item) => matches(model, item));
    if (!model.wanted.includes("*")) model.starAnswered = model.starTold = false;
  } else if (step.do === "flush") {
    modelFlush(model);
    checkAnswers(model, drain(sub));
  } else if (step.do === "lose") {
    streamLost(sub);
    Object.assign(model, { started: false, starTold: false, answers: [] });
  } else if (step.do === "wait") {
    model.now += step.ms;
    expire(sub, model.now);
    model.held = model.held.filter(({ until }) => until > model.now);
  } else {
    const judge = ({ value }: { value: Uint8Array }) =>
      Buffer.from(value).toString().endsWith("refused") ? "no" : undefined;
    const before = contents(sub);
    const resources = step.resources.map(wireOf);
    const outcome = receive(sub, response({ nonce, resources, removed: step.removed }), judge, model.now);
    const change = outcome.kind === "accepted" ? outcome.change : { upserts: [], removals: [] };
    const after = contents(sub);
    const differing = [...after].filter(([name, content]) => before.get(name) !== content).map(([name]) => name);
    // What is removed by an alias and sent again, unchanged, by the same response counts as new.
    const upserts = change.upserts
      .map(({ name }) => name)
      .filter((name) => !step.removed.some((each) => /x|y/.test(each)) || differing.includes(name));
    expect(upserts.sort()).toEqual(differing.sort());
    expect([...change.removals].sort()).toEqual([...before.keys()].filter((name) => !after.has(name)).sort());
    modelRespond(model, nonce, step.resources, step.removed);
  }
}

test("what is held is what the model holds, and a new stream restates just that", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
      const sub = createSubStream(TYPE, { resources: 100, bytes: 100_000 });
      const model: Model = {
        wanted: [],
        held: [],
        missing: [],
        started: false,
        starTold: false,
        starAnswered: false,
        answers: [],
        now: 0,
      };
      steps.forEach((each, index) => {
        take(sub, model, each, `n${index}`);
        checkHeld(sub, model);
      });
      streamLost(sub);
      const first = nextRequest(sub);
      expect([...(first?.subscribe ?? [])].sort()).toEqual([...model.wanted].sort());
      const unanswered = model.wanted.includes("*") && !model.starAnswered;
      expect(Object.fromEntries(first?.initialResourceVersions ?? [])).toEqual(
        Object.fromEntries(unanswered ? [] : model.held.map(({ name, version }) => [name, version])),
      );
      expect(first?.unsubscribe ?? []).toEqual([]);
      expect(first?.responseNonce ?? "").toBe("");
      expect(nextRequest(sub)).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
});
