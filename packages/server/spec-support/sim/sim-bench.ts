import { createResource, type Resource, type ResourceItem, resourceType } from "@rxds/core";
import { createOracle, type Oracle } from "./oracle.js";
import type { SimTimes } from "./sim-clusters.js";
import { SimEnvoy } from "./sim-envoy.js";
import { type SimProtocol, type SimRequest, simResource } from "./sim-messages.js";

/** A simulated Envoy by hand: a test says what it is sent, and reads what it says. */
export interface SimBench {
  readonly envoy: SimEnvoy;
  readonly oracle: Oracle;
  /** Sends a response with these resources, which are of one type, and removals. Returns its nonce. */
  say(items: readonly ResourceItem[], removed?: readonly string[], type?: string): string;
  /** What it has said since the last time, in short: `EDS +a`, `EDS of 3 =a,b`, `CDS ack 1`, `LDS nack 2: …`. */
  heard(): string[];
  /** The requests in full, since `heard`. */
  readonly requests: readonly SimRequest[];
}

/** Connects one. Resources that the state of the world needs in full are the caller's to give. */
export function createSimBench(protocol: SimProtocol, times: Partial<SimTimes> = {}): SimBench {
  let requests: SimRequest[] = [];
  let nonces = 0;
  const envoy: SimEnvoy = new SimEnvoy({
    protocol,
    times,
    send: (request) => void requests.push(request),
    changed: () => oracle.look(),
  });
  const oracle = createOracle(envoy, { airMs: 0 });
  envoy.connect();
  return {
    envoy,
    oracle,
    say(items, removed = [], ofType) {
      const resources = items.map((item) => (isMessage(item) ? createResource(item) : item));
      const type = ofType ?? resources[0]?.type;
      if (type === undefined) throw new Error("say() needs a type when nothing is sent");
      const nonce = `${++nonces}`;
      const bodies = resources.map(({ name, version, body }) => simResource(name, version, body));
      envoy.receive({ type, nonce, version: nonce, resources: bodies, removed });
      return nonce;
    },
    heard() {
      const words = requests.map(inShort);
      requests = [];
      return words;
    },
    get requests() {
      return requests;
    },
  };
}

const isMessage = (item: ResourceItem): item is Exclude<ResourceItem, Resource> => "$typeName" in item;

function inShort({ type, about, nonce, names, unsubscribe, error, version }: SimRequest): string {
  const { label } = resourceType(type);
  if (about === "answer") return error === undefined ? `${label} ack ${nonce}` : `${label} nack ${nonce}: ${error}`;
  // Only requests of the state of the world have a nonce here, and tell all names.
  const all = nonce === "" ? names.map((name) => `+${name}`) : [`of ${nonce}`, `=${names.join()}`];
  const first = about === "first" ? ["first", ...(version ? [`v${version}`] : [])] : [];
  return [label, ...first, ...all, ...unsubscribe.map((name) => `-${name}`)].join(" ");
}
