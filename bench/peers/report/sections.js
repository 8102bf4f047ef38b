// The tables of the page: which scenario's metrics stand in them.

/**
 * @typedef {object} Row
 * @property {string} scenario
 * @property {string} what
 *
 * @typedef {object} Column
 * @property {string} title
 * @property {string} path Into a run's result; `phase:NAME.FIELD` is a field of a phase, `A/B` a quotient of two.
 * @property {"us" | "ms" | "MB" | "KB" | "B" | ""} unit
 *
 * @typedef {object} Section
 * @property {string} title
 * @property {readonly Row[]} rows
 * @property {readonly Column[]} columns
 */

/** @param {string} kind @returns {readonly Column[]} */
const change = (kind) => [
  { title: "CPU per stream", path: `phase:${kind}.cpuUsPerChangePerStream`, unit: "us" },
  { title: "half of the streams after", path: `phase:${kind}.p50Ms`, unit: "ms" },
  { title: "the last after", path: `phase:${kind}.lastMs`, unit: "ms" },
  { title: "bytes per change", path: `phase:${kind}.bytes/changes`, unit: "B" },
];

/** @type {readonly Section[]} */
export const sections = [
  {
    title: "One changed load assignment, all streams see it",
    rows: [
      { scenario: "s1-100", what: "delta, 100 streams, the same 50 of 10k names" },
      { scenario: "s1-1000", what: "delta, 1000 streams, the same 50 of 10k names" },
      { scenario: "s1-100-all", what: "delta, 100 streams, all 10k names" },
      { scenario: "s2-100", what: "state of the world, 100 streams, 50 names" },
      { scenario: "s2-1000", what: "state of the world, 1000 streams, 50 names" },
      { scenario: "s2-100-all", what: "state of the world, 100 streams, all 10k names" },
    ],
    columns: change("eds"),
  },
  {
    title: "One changed cluster of 10k, all streams see it (CDS wildcard)",
    rows: [
      { scenario: "s1-100", what: "delta, 100 streams" },
      { scenario: "s1-1000", what: "delta, 1000 streams" },
      { scenario: "s2-100", what: "state of the world, 100 streams: all clusters again" },
    ],
    columns: change("cds"),
  },
  {
    title: "One changed load assignment, 5 of 1000 streams see it",
    rows: [
      { scenario: "s3", what: "delta, each stream has 50 of 10k names" },
      { scenario: "s3-sotw", what: "state of the world, the same" },
    ],
    columns: [{ title: "CPU per change", path: "phase:eds.cpuUsPerChange", unit: "us" }, ...change("eds").slice(1, 3)],
  },
  {
    title: "All streams connect at once",
    rows: [
      { scenario: "s1-1000", what: "delta, 1000 streams, 10k clusters and 50 load assignments each" },
      { scenario: "s2-1000", what: "state of the world, the same" },
      { scenario: "s1-100-all", what: "delta, 100 streams, 10k clusters and 10k load assignments each" },
      { scenario: "s3", what: "delta, 1000 streams, 50 load assignments each" },
    ],
    columns: [
      { title: "CPU per stream", path: "connect.cpuUsPerStream", unit: "us" },
      { title: "all ready after", path: "connect.allReadyMs", unit: "ms" },
      { title: "memory per stream", path: "connect.rssKBPerStream", unit: "KB" },
      { title: "memory", path: "connect.rssMB", unit: "MB" },
      { title: "peak", path: "connect.rssPeakMB", unit: "MB" },
    ],
  },
  {
    title: "Commits of one load assignment",
    rows: [
      { scenario: "s5-1k-0", what: "1k clusters and load assignments, no stream" },
      { scenario: "s5-10k-0", what: "10k and 10k, no stream" },
      { scenario: "s5-100k-0", what: "100k and 100k, no stream" },
      { scenario: "s5-1k-1", what: "1k and 1k, one delta stream with one name" },
      { scenario: "s5-10k-1", what: "10k and 10k, one delta stream" },
      { scenario: "s5-100k-1", what: "100k and 100k, one delta stream" },
    ],
    columns: [
      { title: "commit", path: "commits.medianUs", unit: "us" },
      { title: "CPU per commit", path: "commits.cpuUsPerCommit", unit: "us" },
      { title: "memory, loaded", path: "rssLoadedMB", unit: "MB" },
      { title: "load", path: "loadMs", unit: "ms" },
    ],
  },
  {
    title: "Storms: 1000 delta streams with the same 50 of 1k names",
    rows: [
      { scenario: "s6", what: "1000 commits back to back" },
      { scenario: "s6-paced", what: "300 commits, one every 2 ms" },
    ],
    columns: [
      { title: "CPU per commit", path: "phase:storm-eds.cpuUsPerChange", unit: "us" },
      { title: "messages", path: "phase:storm-eds.messages", unit: "" },
      { title: "all have the final state after", path: "phase:storm-eds.lastMs", unit: "ms" },
      { title: "after the last commit", path: "phase:storm-eds.afterLastCommitMs", unit: "ms" },
    ],
  },
  {
    title: "Bad clients",
    rows: [{ scenario: "s7-slow", what: "10 of 50 streams stop reading: latency of the others, 2k clusters, CDS" }],
    columns: change("cds").slice(0, 3),
  },
  {
    title: "A client that rejects everything (1 of 10; 2 s after one change)",
    rows: [{ scenario: "s8-nack", what: "state of the world, 1k clusters" }],
    columns: [
      { title: "messages in 2 s", path: "phase:idle.messages", unit: "" },
      { title: "CPU in 2 s", path: "phase:idle.cpuUsPerChange", unit: "us" },
    ],
  },
];
