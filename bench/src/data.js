// What is measured on: the data of the peer benchmarks, `size` clusters and as many load assignments of ten endpoints.
import { createResource } from "rxds";
import { build } from "../peers/rxds/resources.js";

/** @typedef {import("rxds").Resource} Resource */

const LOAD = { endpointsPerCluster: 10 };

/** The i-th cluster, changed by its stamp. @param {number} i @param {number} stamp */
export const cluster = (i, stamp) => createResource(build(LOAD, "cds", i, stamp));

/** The i-th load assignment, changed by its stamp. @param {number} i @param {number} stamp */
export const assignment = (i, stamp) => createResource(build(LOAD, "eds", i, stamp));

/** @type {Map<number, readonly Resource[]>} */
const made = new Map();

/** All resources of a size; made once. @param {number} size */
export function resources(size) {
  let all = made.get(size);
  if (all === undefined) {
    all = Array.from({ length: size }, (_, i) => [cluster(i, 0), assignment(i, 0)]).flat();
    made.set(size, all);
  }
  return all;
}

let stamps = 0;

/** A stamp that was not used before. */
export const nextStamp = () => ++stamps;

/** Lets the resources go. */
export const forget = () => made.clear();
