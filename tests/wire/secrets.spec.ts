import { inspect } from "node:util";
import { create, toBinary } from "@bufbuild/protobuf";
import { type Secret, SecretSchema } from "@rxds/envoy-api/envoy/extensions/transport_sockets/tls/v3/secret";
import { createSnapshot, createStore, edit, InvalidSnapshotError, type Snapshot, typeUrls } from "rxds";
import { BehaviorSubject } from "rxjs";
import { expect, test } from "vitest";
import { modes, openClient } from "./client.js";
import { cluster, node, startWorld } from "./world.js";

const SDS = typeUrls.secret;
/** Must be seen nowhere but in responses. */
const MARKER = "marker-7f3a9c1e5b";

const inline = (text: string) => ({ specifier: { case: "inlineString" as const, value: text } });
const bytes = (text: string) => ({ specifier: { case: "inlineBytes" as const, value: Buffer.from(text) } });

function certificate(name: string, revision = 1): Secret {
  const pem = `-----BEGIN PRIVATE KEY-----\n${MARKER}${revision}\n-----END PRIVATE KEY-----\n`;
  return create(SecretSchema, {
    name,
    type: { case: "tlsCertificate", value: { privateKey: inline(pem), password: bytes(`${MARKER}-password`) } },
  });
}

function token(name: string, revision = 1): Secret {
  return create(SecretSchema, {
    name,
    type: { case: "genericSecret", value: { secret: inline(`${MARKER}-token-${revision}`) } },
  });
}

const raw = Buffer.from(MARKER);
/** The marker as text and as bytes, as they would be printed. */
const notations = [
  MARKER,
  raw.toString("hex"),
  (raw.toString("hex").match(/../g) ?? []).join(" "),
  [...raw].join(","),
  [...raw].join(", "),
  // In base64 it depends on where it begins; the ends also hold bits of what is around.
  ...[0, 1, 2].map((n) =>
    Buffer.from("x".repeat(n) + MARKER)
      .toString("base64")
      .slice(4, -4),
  ),
];

/** Where the marker, or its bytes in a common notation, is in a value. */
function findMarker(value: unknown): string[] {
  // Errors with their hidden members, and nothing cut short.
  const shown = inspect(value, {
    depth: Number.POSITIVE_INFINITY,
    showHidden: true,
    maxArrayLength: null,
    maxStringLength: null,
    breakLength: Number.POSITIVE_INFINITY,
  });
  const json = JSON.stringify(value) ?? "";
  return notations.filter((notation) => shown.includes(notation) || json.includes(notation));
}

test.each([
  ["text", { a: [`see ${MARKER}!`] }],
  ["an error's cause", new Error("x", { cause: new Error(MARKER) })],
  ["a buffer", { a: raw }],
  ["an array of bytes", { a: [...raw] }],
  ["base64", `${Buffer.from(`key: ${MARKER}.`).toString("base64")}`],
])("the search for the marker finds it in %s", (_, value) => {
  expect(findMarker(value)).not.toEqual([]);
});

/** A dump as Envoy repeats it in an error. */
const dump = (name: string) =>
  `Failed to load ${name}: name: "${name}" tls_certificate { private_key { inline_string: "${MARKER}" } }`;

test.each(modes)("%s: a secret is in the response, and in nothing that is told of it", async (mode) => {
  const good = createSnapshot([certificate("cert"), token("token"), cluster("a")]);
  const source = new BehaviorSubject<Snapshot>(good);
  const lines: string[] = [];
  const logger = { info: (line: string) => lines.push(line), warn: (line: string) => lines.push(line) };
  await using world = await startWorld([], { snapshots: source, logger });
  const seen: unknown[] = [];
  world.server.clients$.subscribe((client) => seen.push(client));
  const client = openClient(world, mode);

  client.ask(SDS, "cert", "token");
  for (const name of ["cert", "token"]) {
    const alone = await client.next();
    expect(alone.names).toEqual([name]);
    alone.nack(`bad: ${MARKER} and ${dump(name)}`);
  }
  client.ask(typeUrls.cluster);
  (await client.next()).nack(
    `a: ${dump("a")} -----BEGIN RSA PRIVATE KEY-----\n${MARKER}\n-----END RSA PRIVATE KEY-----`,
  );
  const behind: unknown = await world.server
    .converged(undefined, { clients: 1, deadlineMs: 500 })
    .catch((reason: unknown) => reason);
  expect(String(behind)).toContain("which rejected");
  const rejected = world.events.filter(({ kind }) => kind === "rejected");
  expect(rejected).toMatchObject([
    { type: SDS, names: ["cert"] },
    { type: SDS, names: ["token"] },
    { type: typeUrls.cluster, names: ["a"] },
  ]);

  // Refused: two secrets of one name, and a secret without a name.
  source.next(createSnapshot([certificate("cert", 1), certificate("cert", 2), token("")]));
  expect(world.events.at(-1)).toMatchObject({ kind: "refused-snapshot" });
  const held: unknown = await world.server
    .holds("n1", SDS, "cert", { deadlineMs: 20 })
    .catch((reason: unknown) => reason);
  expect(held).toBeInstanceOf(Error);

  // A rotation, accepted.
  source.next(edit(good, (draft) => draft.set(certificate("cert", 2), token("token", 2))));
  expect([...(await client.accept()).names, ...(await client.accept()).names]).toEqual(["cert", "token"]);
  await world.server.holds("n1", SDS, "cert");

  // A client that sends the secret where it does not belong.
  const hostile = world[mode]();
  hostile.sendBytes(toBinary(SecretSchema, token(MARKER)));
  const closed = await hostile.closed;
  const other = world[mode]();
  other.send({ node, typeUrl: "" });
  const untyped = await other.closed;

  const store = createStore();
  let refusal: unknown;
  try {
    store.update((tx) => tx.set(certificate("", 1), token("")));
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(InvalidSnapshotError);

  expect(lines.length).toBeGreaterThan(0);
  const { events } = world;
  const told = { events, lines, clients: world.server.clients(), seen, behind, held, closed, untyped, refusal };
  for (const [what, value] of Object.entries(told)) expect(findMarker(value), what).toEqual([]);
});

test.each(modes)("%s: each secret goes alone, so that a rejection without a name tells which it was", async (mode) => {
  await using world = await startWorld([token("a"), token("b"), token("c")]);
  const client = openClient(world, mode);
  client.ask(SDS, "a", "b", "c");
  for (const name of ["a", "b", "c"]) {
    const answer = await client.next();
    expect(answer.names).toEqual([name]);
    if (name === "b") answer.nack("no certificate");
    else answer.ack();
  }
  await client.silence();
  const [{ types } = { types: [] }] = world.server.clients();
  expect(types.flatMap(({ quarantined }) => quarantined.map(({ name }) => name))).toEqual(["b"]);
  world.put(token("a", 2), token("b", 2));
  for (const name of ["a", "b"]) expect((await client.accept()).names).toEqual([name]);
  await world.server.converged(undefined, { clients: 1 });
  await client.silence();
});
