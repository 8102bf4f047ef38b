// What the rxds server serves: one store for everybody, or one for each node.
import { ClientRefusedError, createResource, createStore, typeUrls } from "rxds";
import { build, countOf, KINDS, nameOf } from "./resources.js";

/**
 * @typedef {import("./resources.js").Kind} Kind
 * @typedef {import("./resources.js").Load} Load
 * @typedef {import("rxds").Resource} Resource
 * @typedef {import("rxds").Store} Store
 */

/** @type {Readonly<Record<Kind, string>>} */
const TYPE_URLS = { cds: typeUrls.cluster, eds: typeUrls.endpoints, lds: typeUrls.listener, rds: typeUrls.routes };

/** The state behind the control protocol. */
export function createState() {
  /** Stores live as long as the process: a server keeps a key's store for a while after its last stream. */
  const stores = new Map([["shared", createStore()]]);
  /** What each store was last loaded with. @type {Map<string, Load>} */
  const loads = new Map();
  /** @type {Load} */
  let load = {};
  /** The keys of the present load. @type {ReadonlySet<string>} */
  let served = new Set();

  /** @param {Load} of */
  const keysOf = ({ nodes, nodeCount = 0 }) =>
    nodes === "perNode" ? Array.from({ length: nodeCount }, (_, i) => `node:node-${i}`) : ["shared"];

  /** @param {string} key @param {readonly Resource[]} resources */
  const replace = (key, resources) => {
    const before = loads.get(key) ?? {};
    loads.set(key, load);
    storeOf(key).update((transaction) => {
      for (const kind of KINDS) {
        for (let i = countOf(load, kind); i < countOf(before, kind); i++) {
          transaction.delete(TYPE_URLS[kind], nameOf(kind, i));
        }
      }
      for (const resource of resources) transaction.set(resource);
    });
  };

  /** @param {string} key */
  const storeOf = (key) => {
    const known = stores.get(key);
    if (known !== undefined) return known;
    const store = createStore();
    stores.set(key, store);
    return store;
  };

  return {
    /** Which store a node is shown. @param {{ readonly id: string }} node */
    scope(node) {
      if (load.nodes !== "perNode") return "shared";
      const key = `node:${node.id}`;
      if (!served.has(key)) throw new ClientRefusedError(`there is no configuration for node ${node.id}`);
      return key;
    },

    /** @param {string} key */
    snapshots: (key) => storeOf(key),

    /** Replaces everything. @param {Load} next */
    load(next) {
      load = next;
      served = new Set(keysOf(load));
      /** @type {Resource[]} */
      const resources = [];
      for (const kind of KINDS) {
        for (let i = 0; i < countOf(load, kind); i++) resources.push(createResource(build(load, kind, i, 0)));
      }
      for (const key of served) replace(key, resources);
    },

    /**
     * One transaction: `count` resources from `start` get a stamp. `node`: the only node to change; empty: all.
     * @param {Kind} kind @param {number} start @param {number} count @param {number} stamp @param {string} node
     */
    commit(kind, start, count, stamp, node) {
      if (!KINDS.includes(kind)) throw new Error(`no such kind: ${kind}`);
      if (start < 0 || start + count > countOf(load, kind)) throw new Error(`${kind} ${start}+${count} out of range`);
      /** @type {Resource[]} */
      const resources = [];
      for (let i = start; i < start + count; i++) resources.push(createResource(build(load, kind, i, stamp)));
      for (const key of served) {
        if (node !== "" && key !== `node:${node}`) continue;
        storeOf(key).update((transaction) => {
          for (const resource of resources) transaction.set(resource);
        });
      }
    },
  };
}
