import type { Configuration } from "./configuration.js";
import type { LiveEdit, LiveHistory, LiveStep } from "./live-history.js";
import type { SimProtocol } from "./sim-messages.js";

type Cluster = Configuration["clusters"][number];
type Leads = Configuration["routes"][number];
type Listener = Configuration["listeners"][number];
type Fixed = NonNullable<Configuration["fixed"]>;

/** Parts by their places; the others are as little as possible. */
interface Parts {
  readonly clusters?: Readonly<Record<number, Partial<Cluster>>>;
  readonly routes?: Readonly<Record<number, readonly Partial<Leads[number]>[]>>;
  readonly listeners?: Readonly<Record<number, Partial<Listener>>>;
  readonly secrets?: readonly number[];
}

const cluster = (is: Partial<Cluster> = {}): Cluster => {
  return { there: false, kind: "eds", value: 0, endpoints: 0, secret: 0, ...is };
};
const leads = (list: readonly Partial<Leads[number]>[] = [{}]): Leads =>
  list.map((is) => ({ to: 0, also: null, retry: 0, ...is }));
const listener = (is: Partial<Listener> = {}): Listener => ({ kind: "none", name: "x", to: 0, value: 0, ...is });

/** A configuration, written shortly. */
export const configure = ({ clusters = {}, routes = {}, listeners = {}, secrets = [0, 0] }: Parts): Configuration => ({
  clusters: [0, 1, 2, 3, 4].map((at) => cluster(clusters[at])),
  routes: [0, 1, 2].map((at) => leads(routes[at])),
  listeners: [0, 1, 2].map((at) => listener(listeners[at])),
  secrets: [...secrets],
});

/** Changes, written shortly. */
export const toCluster = (
  at: number,
  is: Partial<Cluster>,
  { bad = false, unfed = false }: { readonly bad?: boolean; readonly unfed?: boolean } = {},
): LiveEdit => ({ part: "cluster", at, to: cluster(is), bad, unfed });
export const toRoutes = (at: number, ...to: readonly Partial<Leads[number]>[]): LiveEdit => {
  return { part: "routes", at, to: leads(to) };
};
export const toListener = (at: number, is: Partial<Listener>): LiveEdit => ({
  part: "listener",
  at,
  to: listener(is),
});
export const toSecret = (at: number, to: number): LiveEdit => ({ part: "secret", at, to });
export const toFixed = (is: Partial<Fixed>): LiveEdit => {
  return { part: "fixed", to: { value: 0, bad: false, badRoutes: false, ...is } };
};
export const toAll = (parts: Parts): LiveEdit => ({ part: "all", to: configure(parts) });

/** Steps and histories, written shortly. */
export const publish = (...edits: readonly LiveEdit[]): LiveStep => ({ do: "publish", edits });
export const wait = (ms: number): LiveStep => ({ do: "wait", ms });
export const lag = (ms: number): LiveStep => ({ do: "lag", ms });
export const reconnect = (downMs = 0): LiveStep => ({ do: "reconnect", downMs });
export const liveHistory = (
  protocol: SimProtocol,
  delays: readonly number[],
  first: Parts,
  ...steps: readonly LiveStep[]
): LiveHistory => ({ protocol, delays, first: configure(first), steps });
