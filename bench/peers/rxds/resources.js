// The data of the peer benchmarks, see "Data" in ../README.md, made by rxds's builders.
import { edsCluster, endpoints, httpListener, routes } from "rxds";

/**
 * @typedef {"cds" | "eds" | "lds" | "rds"} Kind
 * @typedef {object} Load The size of the state: body of `POST /load`.
 * @property {number} [clusters]
 * @property {number} [endpointsPerCluster]
 * @property {number} [listeners]
 * @property {number} [routes]
 * @property {"shared" | "perNode"} [nodes]
 * @property {number} [nodeCount]
 */

/** @type {readonly Kind[]} */
export const KINDS = ["cds", "eds", "lds", "rds"];

/** The number of resources of a kind. @param {Load} load @param {Kind} kind */
export function countOf(load, kind) {
  if (kind === "lds") return load.listeners ?? 0;
  if (kind === "rds") return load.routes ?? 0;
  return load.clusters ?? 0;
}

/** @param {Kind} kind @param {number} i */
export function nameOf(kind, i) {
  return `${kind === "lds" ? "l" : kind === "rds" ? "r" : "c"}-${i}`;
}

/** The i-th message of a kind, carrying a stamp. @param {Load} load @param {Kind} kind @param {number} i @param {number} stamp */
export function build(load, kind, i, stamp) {
  return builders[kind](load, i, `rxst:${String(stamp).padStart(16, "0")}`);
}

const builders = {
  /** @param {Load} _load @param {number} i @param {string} stamp */
  cds(_load, i, stamp) {
    const cluster = edsCluster({ name: nameOf("cds", i), connectTimeoutMs: 5000 });
    cluster.altStatName = stamp;
    return cluster;
  },
  /** @param {Load} load @param {number} i @param {string} stamp */
  eds(load, i, stamp) {
    const size = load.endpointsPerCluster ?? 0;
    const hosts = Array.from({ length: size }, (_, j) => {
      const n = i * size + j;
      const address = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}:8080`;
      /** @type {import("rxds").EndpointSpec} */
      const host = { address, health: "HEALTHY", weight: 1, ...(j === 0 ? { hostname: stamp } : {}) };
      return host;
    });
    return endpoints(nameOf("eds", i), [{ locality: { region: "region-1", zone: "zone-a" }, endpoints: hosts }]);
  },
  /** @param {Load} _load @param {number} i @param {string} stamp */
  lds(_load, i, stamp) {
    const listener = httpListener({
      name: nameOf("lds", i),
      address: "0.0.0.0",
      port: 10_000 + (i % 50_000),
      routeConfig: nameOf("rds", i),
    });
    listener.statPrefix = stamp;
    return listener;
  },
  /** @param {Load} load @param {number} i @param {string} stamp */
  rds(load, i, stamp) {
    const cluster = nameOf("cds", load.clusters ? i % load.clusters : 0);
    return routes(nameOf("rds", i), [
      { name: `vh-${i}`, domains: ["*"], routes: [{ name: stamp, prefix: "/", cluster }] },
    ]);
  },
};
