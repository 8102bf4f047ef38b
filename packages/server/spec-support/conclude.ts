import { compareWritten } from "./compare.js";
import { expected } from "./model.js";
import { judge, type Said, type Suspects } from "./rejections.js";
import { isFullState } from "./samples.js";
import type { XdsTestClient } from "./test-client.js";
import type { Answer, Topic } from "./topic.js";

/** What the server has to conclude from an answer. */
export function conclude(client: XdsTestClient, topic: Topic, { nonce, said, error }: Answer): void {
  const sotw = client.spec.protocol === "sotw";
  // An overtaken response is repeated by the newer one: that is the one that counts.
  if (sotw && nonce !== topic.newest) return;
  if (sotw) doubtOvertaken(topic, nonce);
  if (sotw) topic.flights.clear();
  else topic.flights.delete(nonce);
  const whole = sotw && isFullState(topic.kind);
  for (const name of [...said.values.keys(), ...said.removed]) {
    if (error === undefined) topic.open.delete(name);
    else topic.open.add(name);
  }
  if (error === undefined) {
    if (whole) topic.acked = said.values;
    topic.doubtful.clear();
    topic.rejections.accept(said.values);
    return;
  }
  const seen = client.around.seen(client);
  if (seen === undefined) return;
  const due = expected(seen, topic.kind, topic.told);
  // What changed to and fro is news, too.
  const stands = (name: string) =>
    (topic.changes.get(name) ?? 0) <= (topic.writtenAt.get(name) ?? 0) && !topic.owed.has(name);
  const served =
    topic.asked.size === 0 && [...due.keys()].every(stands) && compareWritten(client, topic, seen).length === 0;
  const settled = served && topic.stirred === topic.stirredAtWrite && topic.newest === nonce;
  const suspects = suspectsOf(topic, said, due, whole);
  // What it left out, or went back to after something that was rejected, has to be said.
  const reverted = whole ? [...topic.doubtful].filter((name) => isSame(name, said.values, topic.acked)) : [];
  const omits = [...topic.acked.keys()].some((name) => !said.values.has(name)) || reverted.length > 0;
  // Whom another rejection has found to blame is to blame for this one.
  const found = [...suspects.values.keys()].filter((name) => topic.rejections.mayLack(name, suspects.values.get(name)));
  const judgement = judge(suspects, new Set([...error.blamed, ...found]), whole, omits);
  if (whole) for (const name of suspects.values.keys()) topic.doubtful.add(name);
  const before = topic.rejections.pending;
  const stays = staying(topic, suspects, whole && judgement.attempts === 0, said.values);
  topic.rejections.reject(suspects, judgement, stays, (name) => topic.owed.has(name), client.around.changes);
  // It was rejected, may have been used, and is back at what was accepted: nobody knows.
  if (whole && judgement.attempts === 0) {
    topic.rejections.doubt(
      reverted.filter((name) => isSame(name, said.values, due)),
      said.values,
    );
  }
  // What was asked for anew meanwhile is sent again, whatever became of that response.
  for (const name of topic.asked) topic.rejections.asked(name, true);
  if (topic.allowance !== undefined) topic.allowance += judgement.attempts;
  else if (settled) topic.allowance = before + judgement.attempts;
}

function suspectsOf(topic: Topic, said: Said, due: ReadonlyMap<string, number>, whole: boolean): Suspects {
  const unchanged = (name: string) => (topic.changes.get(name) ?? 0) <= said.at;
  const values = [...said.values].filter(([name, value]) => {
    return due.get(name) === value && unchanged(name) && !(whole && topic.acked.get(name) === value);
  });
  const wanted = (name: string) => topic.told.wildcard || topic.told.names.has(name);
  const removed = said.removed.filter((name) => !due.has(name) && unchanged(name) && wanted(name));
  return { values: new Map(values), removed };
}

/** What the client goes on to hold although it is gone: nothing smaller than its removal can be tried. */
function staying(
  topic: Topic,
  { values, removed }: Suspects,
  over: boolean,
  said: ReadonlyMap<string, number>,
): readonly string[] {
  if (over) return [...topic.held.keys()].filter((name) => !said.has(name));
  return values.size === 0 ? removed : [];
}

const isSame = (name: string, one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): boolean =>
  one.has(name) && one.get(name) === other.get(name);

/** The client may have accepted what was overtaken: what it accepted before it may hold no more. */
function doubtOvertaken({ flights, acked, doubtful }: Topic, nonce: string): void {
  for (const [other, { values }] of flights) {
    if (other === nonce) continue;
    for (const name of acked.keys()) if (!isSame(name, values, acked)) doubtful.add(name);
  }
}
