import { documentKey, meshPlane } from "@rxds/mesh";
import { EMPTY, merge, Subject } from "rxjs";
import { casesOf } from "../cases.js";

/** @typedef {import("@rxds/mesh").MeshDocument} MeshDocument */

const SERVICES = 1000;
const WORKLOADS_EACH = 5;
const NODES = 50;
const apiVersion = "rxds.dev/v1alpha1";

/** @param {"node" | "sidecar"} topology @returns {MeshDocument} */
const settings = (topology) => ({
  apiVersion,
  kind: "Mesh",
  metadata: { name: "mesh" },
  spec: { topology, scope: "all", enrol: [{}] },
});

/** @param {number} i @param {number} j @param {number} stamp @returns {MeshDocument} */
const workload = (i, j, stamp) => ({
  apiVersion,
  kind: "Workload",
  metadata: { name: `app-${i}-${j}`, namespace: `ns-${i % 20}`, labels: { app: `app-${i}` } },
  spec: { addresses: [`10.${j + 1 + stamp * 10}.${i >> 8}.${i & 255}`], node: `n${(i * WORKLOADS_EACH + j) % NODES}` },
});

/** @param {number} i @param {string} address @returns {MeshDocument} */
const service = (i, address) => ({
  apiVersion,
  kind: "Service",
  metadata: { name: `app-${i}`, namespace: `ns-${i % 20}` },
  spec: { addresses: [address], selector: { app: `app-${i}` }, ports: [{ port: 80, protocol: "http" }] },
});

/** @param {number} i @param {number} stamp @returns {MeshDocument} */
const route = (i, stamp) => ({
  apiVersion,
  kind: "Route",
  metadata: { name: "route", namespace: `ns-${i % 20}` },
  spec: { service: `app-${i}`, rules: [{ matches: [{ path: { prefix: `/v${stamp}` } }], timeout: "3s" }] },
});

/** @param {number} i @param {number} stamp @returns {MeshDocument} */
const policy = (i, stamp) => ({
  apiVersion,
  kind: "AuthorizationPolicy",
  metadata: { name: "policy", namespace: `ns-${i % 20}` },
  spec: { services: [`app-${i}`], action: "deny", rules: [{ from: [{ namespaces: [`ns-${stamp}`] }] }] },
});

function documents() {
  /** @type {MeshDocument[]} */
  const all = [settings("node")];
  for (let i = 0; i < NODES; i++) {
    all.push({ apiVersion, kind: "Node", metadata: { name: `n${i}` }, spec: { addresses: [`10.200.0.${i + 1}`] } });
  }
  for (let i = 0; i < SERVICES; i++) {
    all.push(service(i, `10.96.${i >> 8}.${i & 255}`));
    for (let j = 0; j < WORKLOADS_EACH; j++) all.push(workload(i, j, 0));
  }
  return new Map(all.map((document) => [documentKey(document), document]));
}

/** A plane with all nodes' proxies, and their plans. */
function start() {
  /** @type {Subject<{ documents: ReadonlyMap<string, MeshDocument> }>} */
  const mesh$ = new Subject();
  const plane = meshPlane(mesh$);
  const stops = Array.from({ length: NODES }, (_, i) => {
    const { scope$, own } = plane.snapshots(`node~n${i}`);
    const subscription = merge(scope$, own?.snapshots ?? EMPTY, plane.redirectPlan(`n${i}`)).subscribe();
    return () => subscription.unsubscribe();
  });
  const shared = plane.snapshots("node~n0").base;
  /** Takes a mesh, and waits until all of it is compiled. @param {ReadonlyMap<string, MeshDocument>} documents */
  const take = async (documents) => {
    const seen = new Promise((resolve) => {
      let replayed = compiled;
      const subscription = /** @type {import("rxjs").Observable<unknown>} */ (shared).subscribe(() => {
        // What was compiled before is told at once.
        if (!replayed) resolve(subscription.unsubscribe());
        replayed = false;
      });
    });
    mesh$.next({ documents });
    await seen;
    compiled = true;
  };
  let compiled = false;
  return { take, close: () => stops.forEach((stop) => void stop()) };
}

/**
 * From documents to snapshots, scopes and redirect plans: 1,000 services with five workloads each on 50 nodes, whose proxies all
 * see everything. @type {import("../cases.js").Suite}
 */
export const mesh = {
  name: "mesh",
  once: true,
  async cases() {
    const of = casesOf("mesh", SERVICES);
    let all = documents();
    const { take, close } = start();
    await take(all);
    let stamp = 0;
    /** @param {readonly MeshDocument[]} changed @param {readonly MeshDocument[]} [removed] */
    const change = (changed, removed = []) => {
      // The plane compares with what it was given before.
      all = new Map(all);
      for (const document of changed) all.set(documentKey(document), document);
      for (const document of removed) all.delete(documentKey(document));
      return take(all);
    };
    const next = () => ++stamp % 20;
    let extra = service(SERVICES, "10.97.255.1");
    return [
      of("all documents at once", async () => {
        const fresh = start();
        await fresh.take(documents());
        fresh.close();
      }),
      of("one workload's address", () => change([workload(7, 0, next())])),
      of("one route", () => change([route(7, next())])),
      of("one policy", () => change([policy(7, next())])),
      of("one service comes, one goes", () => {
        const gone = extra;
        extra = service(SERVICES + 20 * ++stamp, `10.97.${stamp >> 8}.${stamp & 255}`);
        return change([extra], [gone]);
      }),
      of("all pods from node to sidecar", () => change([settings(next() % 2 === 0 ? "node" : "sidecar")]), { close }),
    ];
  },
};
