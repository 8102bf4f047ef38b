import fc from "fast-check";

/**
 * Property tests draw the same cases on every run, so that a red run is red for everybody. `FC_SEED=<number>` draws others;
 * `npm run test:long` (`RXDS_LONG`) draws many more. A failure prints its seed and path: keep it in the spec, see CONTRIBUTING.md.
 */
const seed = Number(process.env.FC_SEED || 20_260_701);
if (!Number.isInteger(seed)) throw new Error(`FC_SEED must be an integer, not "${process.env.FC_SEED}"`);

fc.configureGlobal({ seed, numRuns: process.env.RXDS_LONG ? 3_000 : 100 });
